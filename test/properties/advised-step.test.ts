import { expect, test } from 'vitest';
import { advise } from '../../analyzer/planning/advise/advise.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { noisyRun } from '../support/noisy-run.ts';

const policy = examplePolicy();
const advised = (run: LoadTestRun) => advise(run, analyzeRun(run, policy), policy);

const narrow = { linkBytesPerSecond: 4.5e6, rates: [1000, 1500, 2000, 3000, 4000] };

test('the advised step narrows the interval on average over runs', () => {
  const widthOf = (run: LoadTestRun) => {
    const { safeMaxTps: safe } = analyzeRun(run, policy);
    if (safe.kind !== 'predicted' || safe.interval.high === undefined) throw new Error(safe.kind);
    return (safe.interval.high - safe.interval.low) / safe.estimateTps;
  };
  const gains = Array.from({ length: 6 }, (_, seed) => {
    const run = noisyRun(narrow, `run ${seed}`);
    const words = advised(run).find(({ kind }) => kind === 'step')?.command;
    const rates =
      /--rate-steps ([\d,]+)/
        .exec(words ?? '')?.[1]
        ?.split(',')
        .map(Number) ?? narrow.rates;
    return (
      widthOf(noisyRun({ ...narrow, rates }, `run ${seed} again`)) / widthOf(noisyRun(narrow, `run ${seed} again`))
    );
  });
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeLessThan(1);
});
