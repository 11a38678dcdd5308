// How much of a resource did a step take? The mean over its window, and the p99 of its one-second samples.

import type { HostInterval } from '../load-test-run.ts';
import { quantile } from '../statistics.ts';
import type { ObservedStep, Use } from './model.ts';

/** @param value of one interval, absent where it was not read */
export function useOf({ intervals }: ObservedStep, value: (interval: HostInterval) => number | undefined): Use {
  const samples: number[] = [];
  let sum = 0;
  let seconds = 0;
  for (const interval of intervals) {
    const sample = value(interval);
    if (sample === undefined) continue;
    samples.push(sample);
    sum += sample * (interval.to - interval.from);
    seconds += interval.to - interval.from;
  }
  return seconds > 0 ? { mean: sum / seconds, p99: quantile(samples, 0.99), samples: samples.length } : undefined;
}
