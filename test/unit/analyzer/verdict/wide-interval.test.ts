import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { Analysis } from '../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../support/load-test-run.ts';

const policy = examplePolicy();
/** A fit with a wide confidence interval. */
const noise = [1, 1.3, 0.75, 1.25, 0.9];
const noisy = withIntervals(plainRun({ rates: [1000, 2000, 3000, 4000, 6000] }), (interval) => ({
  ...interval,
  network: (interval.network ?? []).map((link) => ({
    ...link,
    inBytesPerSecond: link.inBytesPerSecond * (noise[Math.floor(interval.from / 12)] ?? 1),
  })),
}));

test('does not lower the safe maximum below a rate that was sustained within the policy', () => {
  const { safeMaxTps, resources } = Analysis.parse(analyzeRun(noisy, policy));
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  const link = resources.find(({ resource }) => resource === 'network-in');
  expect(link?.safeTps?.low).toBeLessThan(6000);
  expect(safeMaxTps.tps).toBeCloseTo(6000, 6);
  expect(safeMaxTps.interval.low).toBe(safeMaxTps.tps);
  expect(safeMaxTps.estimateTps).toBeGreaterThan(6000);
});

test('the only broker has the same safe maximum and saturation as its cluster', () => {
  const { safeMaxTps, saturationTps, perBroker } = Analysis.parse(analyzeRun(noisy, policy));
  if (safeMaxTps.kind !== 'predicted' || saturationTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  expect(saturationTps.tps).toBeLessThan(saturationTps.estimateTps);
  expect(perBroker).toMatchObject([{ safeTps: safeMaxTps.tps, saturationTps: saturationTps.estimateTps }]);
});

test('does not raise the safe maximum above its estimate if a step exceeded that estimate', () => {
  const strict = { ...policy, limits: { ...policy.limits, 'network-in': { value: 0.35, source: 'test' } } };
  const { safeMaxTps } = Analysis.parse(analyzeRun(noisy, strict));
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  expect(safeMaxTps.tps).toBeLessThanOrEqual(safeMaxTps.estimateTps);
});
