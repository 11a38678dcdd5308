// Computes how long consumers may lag after the load ends.

import type { RunPlan } from '../plan/plan.ts';

/** Consumers that are behind have this long after the last acknowledgement, and what the workload delays them. */
export const catchUpSeconds = 5;
/** The default levels of RocketMQ (messageDelayLevel), in seconds. */
const delayLevels = [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200];

/** @returns how long the broker keeps each message back */
export function delaySeconds({ workload: { delay } }: RunPlan): number {
  if (delay === undefined) return 0;
  return 'level' in delay ? (delayLevels[delay.level - 1] ?? 0) : delay.after;
}
