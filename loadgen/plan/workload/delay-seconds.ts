// Computes how long the broker delays each message of a workload.

import type { Workload } from '../workload.ts';

/** The default levels of RocketMQ (messageDelayLevel), in seconds. */
const delayLevels = [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200];

/** @returns 0 without a delay */
export function delaySecondsOf({ delay }: Pick<Workload, 'delay'>): number {
  if (delay === undefined) return 0;
  return 'level' in delay ? (delayLevels[delay.level - 1] ?? 0) : delay.after;
}
