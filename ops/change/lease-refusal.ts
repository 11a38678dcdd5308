// Formats the reason why a lease was not acquired.

import { leaseText } from '../../core/documents/change-lease.ts';
import { AppError, isUnreachable } from '../../core/errors.ts';
import type { Acquisition } from './acquire-lease.ts';

/** @returns the error to throw; the cluster is unchanged */
export function leaseRefusal(cluster: string, outcome: Exclude<Acquisition, { kind: 'acquired' }>): AppError {
  switch (outcome.kind) {
    case 'live':
      return underWay(`cluster ${cluster} is being changed by ${leaseText(outcome.holder)}`);
    case 'raced': {
      const who = outcome.holder === undefined ? 'another operator' : leaseText(outcome.holder);
      return underWay(`${who} started a change of cluster ${cluster} at the same time`);
    }
    case 'expired':
      return new AppError(
        'lease-expired',
        `the expired lease of ${leaseText(outcome.holder)} on cluster ${cluster} was not released`,
      );
    case 'unreadable':
      return new AppError(
        'lease-unreadable',
        `cannot read the lease of cluster ${cluster} at ${outcome.place}: ${outcome.reason}`,
      );
    case 'unreachable':
      return new AppError(
        'lease-unreachable',
        `cannot read the lease of cluster ${cluster}: ${outcome.fault.message}`,
        { cause: outcome.fault, hint: isUnreachable(outcome.fault) ? undefined : outcome.fault.hint },
      );
  }
}

const underWay = (message: string) =>
  new AppError('change-under-way', message, { hint: 'wait until it has ended; `plimsoll ops status` shows the lease' });
