// Provides a minimal load test with noise, reproducible by seed.

import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { seededRandom } from '../../core/statistics/seeded-random.ts';
import { plainRun, withIntervals, type PlainRun } from './load-test-run.ts';

/** Makes a run whose seconds and steps vary by a few percent. */
export function noisyRun(change: Partial<PlainRun>, seed: string): LoadTestRun {
  const random = seededRandom(seed);
  const ofStep = new Map<number, number>();
  const run = plainRun(change);
  const seconds = change.stepSeconds ?? 12;
  return withIntervals(run, (interval) => {
    const step = Math.floor(interval.from / seconds);
    if (!ofStep.has(step)) ofStep.set(step, 1 + 0.02 * random.normal());
    const factor = (ofStep.get(step) ?? 1) * (1 + 0.02 * random.normal());
    return {
      ...interval,
      network: interval.network?.map((link) => ({ ...link, inBytesPerSecond: link.inBytesPerSecond * factor })) ?? [],
    };
  });
}
