// Defines time lag and how it was determined.

import type { ConsumerLag } from '../../core/cluster.ts';

export interface LagTime {
  seconds: number;
  /** `interpolated` from the history of end offsets, `store-time` as the broker reports it, `caught-up` without lag. */
  method: 'interpolated' | 'store-time' | 'caught-up';
  /** How old the readings are it was made from. */
  ageSeconds: number;
}

/** Of one snapshot. Absent is unknown. */
export interface LagTimes {
  /** @param lag as the snapshot has it under that group */
  of(group: string, lag: ConsumerLag): LagTime | undefined;
  /** Lags below zero that were shown as 0, of all snapshots since the exporter started. */
  clampedTotal: number;
}
