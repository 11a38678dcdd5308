import { expect, test } from 'vitest';
import { analyzeRun } from '../../../analyzer/analyze-run.ts';
import { readDefaultPolicy } from '../../../core/policy/policy.ts';
import { plain, plainRun, withIntervals } from '../../support/load-test-run.ts';

const policy = readDefaultPolicy();
const rates = [4000, 7000, 10_000, 12_000];

/** At 12,000 the link is full of what it carries and of what is sent twice: a little less arrives than at 10,000. */
const collapsed = () => plainRun({ rates, carried: (rate) => (rate === 12_000 ? 9800 / 12_000 : 1) });

test('saturation is never below a rate that was sustained', () => {
  const { saturationTps, perBroker, steps } = analyzeRun(collapsed(), policy);
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(['sustained', 'sustained', 'sustained', 'saturated']);
  expect(saturationTps).toMatchObject({ kind: 'confirmed', tps: 10_000, estimateTps: 10_000 });
  for (const { saturationTps: own = 10_000 } of perBroker) expect(own).toBeGreaterThanOrEqual(10_000);
});

test('the finding names what that step achieved, and the use of the resource instead of "full"', () => {
  const { findings } = analyzeRun(collapsed(), policy);
  expect(findings.find(({ code }) => code === 'driven-into-limit')?.message).toBe(
    'At a target rate of 12,000 msg/s the cluster achieved 9,800 msg/s: network-in of broker 1 was at 94 %.',
  );
});

test('the lower end of a predicted saturation is not below a rate that was sustained', () => {
  const steps = [2000, 4000, 6000, 8000, 10_000];
  const run = withIntervals(plainRun({ rates: steps }), (interval) => {
    // A step as a whole is off by two hundredths: the line is unsure, what was sustained is not.
    const off = 1 + (Math.floor(interval.from / plain.stepSeconds) % 2 === 0 ? 0.02 : -0.02);
    const [card] = interval.network ?? [];
    return card ? { ...interval, network: [{ ...card, inBytesPerSecond: off * card.inBytesPerSecond }] } : interval;
  });
  const { saturationTps, perBroker } = analyzeRun(run, policy);
  expect(saturationTps.kind).toBe('predicted');
  const named = [saturationTps.kind === 'predicted' ? saturationTps.tps : 0, perBroker[0]?.saturationTps ?? 0];
  for (const tps of named) expect(tps).toBeGreaterThanOrEqual(10_000);
});
