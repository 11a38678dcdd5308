import { expect, test } from 'vitest';
import { advise } from '../../analyzer/advise/advise.ts';
import { analyzeRun } from '../../analyzer/analyze-run.ts';
import type { LoadTestRun } from '../../analyzer/load-test-run.ts';
import { readDefaultPolicy } from '../../analyzer/policy/policy.ts';
import { seededRandom } from '../../analyzer/seeded-random.ts';
import { plainRun, withIntervals, type PlainRun } from '../support/load-test-run.ts';

const policy = readDefaultPolicy();
const advised = (run: LoadTestRun) => advise(run, analyzeRun(run, policy), policy);

/** Seconds and steps that scatter by some percent. */
function noisy(change: Partial<PlainRun>, seed: string): LoadTestRun {
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

const narrow = { linkBytesPerSecond: 4.5e6, rates: [1000, 1500, 2000, 3000, 4000] };

test('the step that is advised does make it surer, in the mean over runs', () => {
  const widthOf = (run: LoadTestRun) => {
    const { safeMaxTps: safe } = analyzeRun(run, policy);
    if (safe.kind !== 'predicted' || safe.interval.high === undefined) throw new Error(safe.kind);
    return (safe.interval.high - safe.interval.low) / safe.estimateTps;
  };
  const gains = Array.from({ length: 6 }, (_, seed) => {
    const run = noisy(narrow, `run ${seed}`);
    const words = advised(run).find(({ kind }) => kind === 'step')?.command;
    const rates =
      /--rate-steps ([\d,]+)/
        .exec(words ?? '')?.[1]
        ?.split(',')
        .map(Number) ?? narrow.rates;
    return widthOf(noisy({ ...narrow, rates }, `run ${seed} again`)) / widthOf(noisy(narrow, `run ${seed} again`));
  });
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeLessThan(1);
});
