import { expect, test } from 'vitest';
import { analyzeRun } from '../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { plain, plainRun, withIntervals } from '../../support/load-test-run.ts';

const policy = examplePolicy();
const rates = [4000, 7000, 10_000, 12_000];

/** At 12,000 msg/s the link is saturated by messages and retransmissions: slightly fewer messages arrive than at 10,000. */
const collapsed = () => plainRun({ rates, carried: (rate) => (rate === 12_000 ? 9800 / 12_000 : 1) });

test('the saturation rate is never below a sustained rate', () => {
  const { saturationTps, perBroker, steps } = analyzeRun(collapsed(), policy);
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(['sustained', 'sustained', 'sustained', 'saturated']);
  expect(saturationTps).toMatchObject({ kind: 'confirmed', tps: 10_000, estimateTps: 10_000 });
  for (const { saturationTps: own = 10_000 } of perBroker) expect(own).toBeGreaterThanOrEqual(10_000);
});

test('the finding names the achieved rate of that step and the use of the resource', () => {
  const { findings } = analyzeRun(collapsed(), policy);
  expect(findings.find(({ code }) => code === 'driven-into-limit')?.message).toBe(
    'At a target rate of 12,000 msg/s the cluster achieved 9,800 msg/s: network-in of broker 1 was at 94%.',
  );
});

test('the lower bound of a predicted saturation rate is not below a sustained rate', () => {
  const steps = [2000, 4000, 6000, 8000, 10_000];
  const run = withIntervals(plainRun({ rates: steps }), (interval) => {
    // Each step is off by 2%: the fit is uncertain, but the sustained rate is not.
    const off = 1 + (Math.floor(interval.from / plain.stepSeconds) % 2 === 0 ? 0.02 : -0.02);
    const [card] = interval.network ?? [];
    return card ? { ...interval, network: [{ ...card, inBytesPerSecond: off * card.inBytesPerSecond }] } : interval;
  });
  const { saturationTps, perBroker } = analyzeRun(run, policy);
  expect(saturationTps.kind).toBe('predicted');
  const named = [saturationTps.kind === 'predicted' ? saturationTps.tps : 0, perBroker[0]?.saturationTps ?? 0];
  for (const tps of named) expect(tps).toBeGreaterThanOrEqual(10_000);
});

test('late messages of the previous step do not raise the rate of a step above its target', () => {
  const late = plainRun({ rates, carried: (rate) => (rate === 12_000 ? 9800 / 12_000 : rate === 10_000 ? 1.01 : 1) });
  const { saturationTps, safeMaxTps } = analyzeRun(late, policy);
  expect(saturationTps).toMatchObject({ kind: 'confirmed', tps: 10_000, estimateTps: 10_000 });
  expect('tps' in safeMaxTps && safeMaxTps.tps).toBeLessThan(10_000);
});

/** CPU of a real Kafka 3.9.2 that recompresses: 0.295, 0.475 and 0.607 at 3,000, 6,000 and 9,000 msg/s; it saturated at 16,465. */
const threeSteps = { rates: [3000, 6000, 9000], use: [0.295, 0.475, 0.607] };
const ofOneCore = (use: (step: number, second: number) => number) =>
  withIntervals(plainRun({ rates: threeSteps.rates, linkBytesPerSecond: 1e9, cores: 1 }), (interval) => {
    const busyCores = use(Math.floor(interval.from / plain.stepSeconds), interval.from % plain.stepSeconds);
    return { ...interval, cpu: { busyCores, iowaitCores: 0, stealCores: 0, cores: 1, hottestCore: busyCores } };
  });

test('three steps with clearly rising CPU use have a limit with a wide interval', () => {
  const uneven = (second: number) => 1 + 0.03 * (second % 2 === 0 ? 1 : -1);
  const run = ofOneCore((step, second) => (threeSteps.use[step] ?? 0) * uneven(second));
  const { saturationTps } = analyzeRun(run, policy);
  expect(saturationTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'cpu', node: '1' } });
  if (saturationTps.kind !== 'predicted') return;
  expect(saturationTps.estimateTps).toBeGreaterThan(0.95 * 16_465);
  expect(saturationTps.estimateTps).toBeLessThan(1.05 * 16_465);
  expect(saturationTps.interval.low).toBeLessThan(0.7 * 16_465);
});

test('three steps whose seconds vary as much as the use rises have no limit', () => {
  const run = ofOneCore((step, second) => (threeSteps.use[step] ?? 0) * (1 + 0.4 * Math.sin(7 * second + step)));
  expect(analyzeRun(run, policy).findings.map(({ code }) => code)).toContain('poor-fit');
});
