// Ties the state of a reassignment to the lease of its cluster: without the lease nothing more is begun, and the state of a new owner stays.

import { AppError } from '../../../core/errors.ts';
import type { HeldLease } from '../../change/hold-lease.ts';
import { readRequest, readState, saveState, type ReassignState } from './reassign-state.ts';
import type { Run } from './run.ts';

export interface OwnLease extends Pick<HeldLease, 'check' | 'isLost'> {
  /** Absent where a change goes back without a lease. */
  id?: string;
}

export function leasedState(path: string, state: ReassignState, lease: OwnLease): Pick<Run, 'save' | 'request'> {
  /** Another process may have taken the lease over and gone on with the same state. */
  async function isTakenOver(): Promise<boolean> {
    const { leaseId } = (await readState(path)) ?? {};
    return leaseId !== undefined && leaseId !== lease.id;
  }

  return {
    async save() {
      if (lease.isLost() && (await isTakenOver())) return;
      await saveState(path, state);
    },

    /** @throws AppError lease-lost; change-under-way where another process goes on with this change */
    async request() {
      try {
        lease.check();
      } catch (cause) {
        if (!(cause instanceof AppError) || !(await isTakenOver())) throw cause;
        throw new AppError('change-under-way', `${cause.message}; the new owner goes on with this change (${path})`, {
          cause,
        });
      }
      return await readRequest(path);
    },
  };
}
