// Decides how many in-sync replicas a Kafka partition needs for producers with acks=all.

import type { Partition } from '../../core/cluster.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';

/**
 * From 3.7 on, a broker requires no more replicas than the partition has (KAFKA-15583); older ones reject such sends.
 *
 * @param minimum min.insync.replicas of the topic
 * @param version version of the cluster; an unknown one counts as new, so that the setting alone raises no alert
 */
export function neededInSync(minimum: number, replicas: number, version: string | undefined): number {
  const isOld = version !== undefined && naturalOrder(version, '3.7') < 0;
  return isOld ? minimum : Math.min(minimum, replicas);
}

/** Takes the parameters of `neededInSync`. */
export const isUnderMinIsr = (
  { replicas, inSyncReplicas }: Pick<Partition, 'replicas' | 'inSyncReplicas'>,
  minimum: number,
  version: string | undefined,
): boolean => inSyncReplicas.length < neededInSync(minimum, replicas.length, version);
