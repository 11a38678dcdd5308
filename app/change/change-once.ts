// Executes a change that is neither resumed nor aborted.

import { carryOut } from '../../ops/change/carry-out.ts';
import type { Step } from '../../ops/change/step.ts';
import { type Caller, lineWriter } from '../caller.ts';
import { beginChange, claimsOf, type Beginning, type TypedCluster } from './journaled-change.ts';

/** @throws AppError usage without consent; change-under-way and other lease errors; no-space; errors of the steps */
export async function changeOnce<Facts extends object>(
  io: Caller,
  cluster: TypedCluster,
  { steps, ...change }: Omit<Beginning<Facts>, 'path' | 'isOnce' | 'isLeaseNeeded'> & { steps: readonly Step<Facts>[] },
): Promise<void> {
  const { clock, signal } = io;
  const { path } = claimsOf(io, { ...change, cluster: cluster.name });
  const tell = lineWriter(io);
  await beginChange(io, cluster, { ...change, path, isOnce: true, isLeaseNeeded: true }, (journal, held) =>
    carryOut({ ...held, journal, steps, clock, signal, tell }),
  );
}
