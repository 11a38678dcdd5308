// Limits how much slower writes may become while partitions move or brokers restart; each value with its reason.

import type { Cited } from './policy.ts';

export const writeLatencyPolicy = {
  /** Share of all writes that may be delayed by leader moves. */
  delayedShare: {
    value: 0.005,
    source: 'Plimsoll: a p99 leaves out 1% of the writes; half of it is kept for other causes',
  },
  /** Window for `delayedShare`: leader moves run in parallel only while their delays stay within the share. */
  windowSeconds: { value: 60, source: 'Prometheus: the usual window of a latency quantile is 1 to 5 minutes' },
  /** p99 over the p99 before the change at which replication is throttled further. */
  slowDownRatio: { value: 2, source: 'Plimsoll: two thirds of the ratio at which the change pauses' },
  /** Ratio at which no further move begins. */
  pauseRatio: {
    value: 3,
    source: 'Plimsoll: the goal of docs/changes/reassignment.md, p99 during a move at most 3 times before',
  },
  /** p99 over the p99 before a rolling restart at which no further instance is stopped. */
  rollRatio: { value: 1.5, source: 'Plimsoll: half of the ratio at which a reassignment pauses, as nothing moves' },
  /** A lower p99 never slows a change down, whatever the baseline. */
  unnoticedSeconds: {
    value: 0.05,
    source: 'docs/changes/reassignment.md: the p99 of a small lab without any move was 24 to 49 ms',
  },
  minimumSamples: { value: 50, source: 'statistics: fewer do not show a p99 apart from the longest of them' },
  baselineSeconds: { value: 15, source: 'Plimsoll: 75 messages at 5 a second' },
  samplesSeconds: { value: 30, source: 'Plimsoll: 150 messages at 5 a second; one outlier does not reach their p99' },
} as const satisfies Record<string, Cited>;
