// Defines time lag and its method.

import type { ConsumerLag, PartitionOffsets } from '../../core/cluster.ts';

export interface LagTime {
  seconds: number;
  /** `interpolated` from the history of end offsets, `store-time` as the broker reports it, `caught-up` without lag. */
  method: 'interpolated' | 'store-time' | 'caught-up';
  /** Age of the underlying readings. */
  ageSeconds: number;
}

/** Lag times of one snapshot; absent if unknown. */
export interface LagTimes {
  /** @param lag from the snapshot, of that group */
  of(group: string, lag: ConsumerLag): LagTime | undefined;
  /**
   * @param partition with a last stable offset
   * @returns seconds since the first message of the oldest open transaction of the partition was stored, or at least
   *   since it was first seen; 0 if none is open, undefined if unknown
   */
  openTransactionSeconds(partition: PartitionOffsets): number | undefined;
  /** Negative lags shown as 0, over all snapshots since the exporter started. */
  clampedTotal: number;
}
