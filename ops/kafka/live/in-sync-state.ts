// Decides whether a partition has the in-sync replicas that producers with acks=all need, before a move and after it.

import type { Partition } from '../../../core/cluster.ts';

export type InSyncState =
  | 'enough'
  | 'too-few'
  /** Only because of replicas on gone brokers: the move itself fixes this. */
  | 'too-few-until-moved'
  /** The move removes in-sync replicas, and too few remain. */
  | 'too-few-after';

/**
 * Kafka completes a move when the arriving replicas are in sync, whatever the state of the others; without arriving
 * replicas, at once.
 *
 * @param planned brokers of the partition after the move
 * @param minimum min.insync.replicas of the topic; for a partition with fewer replicas, all of them suffice
 * @param isGone whether the replica of a broker is not waited for
 */
export function inSyncState(
  { replicas, inSyncReplicas }: Pick<Partition, 'replicas' | 'inSyncReplicas'>,
  planned: readonly number[],
  { minimum, isGone }: { minimum: number; isGone: (broker: number) => boolean },
): InSyncState {
  const inSync = inSyncReplicas.length;
  const isArriving = (broker: number) => !replicas.includes(String(broker));
  const after = planned.filter((broker) => isArriving(broker) || inSyncReplicas.includes(String(broker))).length;
  if (after < inSync && after < Math.min(minimum, planned.length)) return 'too-few-after';
  const isCopied = planned.some(isArriving);
  const needed = Math.min(minimum, isCopied ? replicas.length : planned.length);
  if (inSync >= needed) return 'enough';
  const gone = replicas.filter((id) => !inSyncReplicas.includes(id) && isGone(Number(id))).length;
  return isCopied && inSync + gone >= needed ? 'too-few-until-moved' : 'too-few';
}
