// Cancels the reassignments that this change started and no others.

import type { PartitionName } from '../../../brokers/kafka/changes/parts.ts';
import type { MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import { partitionKey } from '../live/broker-load.ts';
import type { Run } from './run.ts';

/** The controller may be unavailable during an election. */
const patience = seconds(20);
const pause = seconds(0.5);
/**
 * Consecutive checks without moves until all count as cancelled: a request sent just before this process stopped may
 * take effect after the first check.
 */
export const looksWithoutMoves = 2;

export type Cancelled =
  | { kind: 'cancelled'; moves: number }
  /** Brokers may still be copying. */
  | { kind: 'not-cancelled'; reason: string };

/** If a throttle is set, replicas may be copied: requests are repeated for 20 s. Otherwise one attempt is made. */
export async function cancelMoves({ changes, journal, clock }: Run): Promise<Cancelled> {
  const isForeign = isForeignTo(journal);
  const isThrottled = journal.borrowed.some(({ why }) => why === 'throttle');
  const signal = AbortSignal.timeout(patience * 1000);
  const deadline = clock.monotonic() + (isThrottled ? patience : 0);
  const cancelled = new Set<string>();
  for (let quietLooks = 0; ;) {
    let reason: string | undefined;
    try {
      const ours = (await changes.moving({ signal })).filter((each) => !isForeign(each));
      quietLooks = ours.length === 0 ? quietLooks + 1 : 0;
      if (quietLooks === looksWithoutMoves) return { kind: 'cancelled', moves: cancelled.size };
      if (ours.length > 0) reason = await cancel(changes, ours, signal);
      for (const each of ours) cancelled.add(partitionKey(each));
    } catch (cause) {
      if (!(cause instanceof AppError) && !signal.aborted) throw cause;
      reason = signal.aborted ? `the cluster did not answer for ${patience} s` : (cause as AppError).message;
      quietLooks = 0;
    }
    if (reason !== undefined && (signal.aborted || clock.monotonic() >= deadline)) {
      return { kind: 'not-cancelled', reason };
    }
    await clock.sleep(pause);
  }
}

/** @returns why the controller refuses to cancel one of them */
export async function cancel(
  changes: Run['changes'],
  moves: readonly PartitionName[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const withoutReplicas = moves.map(({ topic, partition }) => ({ topic, partition }));
  const refused = await changes.reassign(withoutReplicas, { signal });
  // A move that has just ended is no error.
  const real = refused.find(({ reason }) => reason !== 'NO_REASSIGNMENT_IN_PROGRESS');
  return real && `the controller refuses to cancel the move of ${partitionKey(real)}: ${real.reason}`;
}

/** True for a move of another partition, or to a broker that is neither in the plan nor in its rollback. */
export function isForeignTo({ facts: { target, original } }: Run['journal']): (move: MovingPartition) => boolean {
  const own = new Map([...target, ...original].map((each) => [partitionKey(each), new Set<number>()]));
  for (const each of [...target, ...original]) {
    for (const broker of each.replicas) own.get(partitionKey(each))?.add(broker);
  }
  return (move) => {
    const brokers = own.get(partitionKey(move));
    return brokers === undefined || move.adding.some((broker) => !brokers.has(broker));
  };
}
