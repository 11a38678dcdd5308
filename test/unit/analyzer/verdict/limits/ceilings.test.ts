import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { firstCeilingOf } from '../../../../../analyzer/verdict/limits/ceilings.ts';
import { measuredCrossing } from '../../../../../analyzer/verdict/fit/crossing.ts';
import type { Ceiling } from '../../../../../analyzer/verdict/evidence.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { normalQuantile } from '../../../../../core/statistics/statistics.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const measured = (node: string): Ceiling => {
  const limit = { resource: 'network-out', node } as const;
  return { ...measuredCrossing({ value: 1000, low: 900, high: 1100 }, 0.95, limit), limit, kind: 'network' };
};
const ten = Array.from({ length: 10 }, (_, broker) => measured(`${broker + 1}`));

/** Of the least of n equal normals: where 1 − (1 − p)^n is 2.5%. */
const leastOf = (n: number) => 1000 + 100 * (normalQuantile(1 - 0.975 ** (1 / n)) / -normalQuantile(0.025));

test('the first of ten equal limits lies as far below each of them as independent measurements do', () => {
  expect(Math.round(leastOf(10))).toBe(857);
  const low = firstCeilingOf(ten, policy)?.low ?? 0;
  expect(Math.abs(low - leastOf(10))).toBeLessThan(5);
});

test('each of ten equal limits comes first about as often', () => {
  const shares = firstCeilingOf(ten, policy)?.shares ?? [];
  expect(shares).toHaveLength(10);
  for (const { probability } of shares) expect(Math.abs(probability - 0.1)).toBeLessThan(0.03);
});

test('the order of the limits moves neither end', () => {
  const [listed, reversed] = [ten, ten.toReversed()].map((ceilings) => firstCeilingOf(ceilings, policy));
  expect([reversed?.low, reversed?.high]).toEqual([listed?.low, listed?.high]);
});

test('one limit alone has the interval that was measured, and the same one twice is one limit', () => {
  const [only, twice] = [ten.slice(0, 1), [measured('1'), measured('1')]].map((each) => firstCeilingOf(each, policy));
  expect([only?.low, only?.high]).toEqual([900, 1100]);
  expect(twice?.low).toBeCloseTo(900, 6);
});

test('two sustained steps and a full card have a safe maximum between the steps, not at the lower one', () => {
  const full = 6.25e6 / 600;
  const rates = [4000, 9000, 12_000];
  const run = plainRun({ rates, carried: (rate) => Math.min(1, full / rate) });
  const { safeMaxTps } = analyzeRun(run, policy);
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in', node: '1' } });
  if (safeMaxTps.kind !== 'predicted') return;
  expect(safeMaxTps.tps).toBeGreaterThan(0.9 * 0.8 * full);
  expect(safeMaxTps.tps).toBeLessThanOrEqual(0.8 * full);
});

test('a card that is full at sustained steps does not bend the line below them', () => {
  // As where a follower falls behind unnoticed: its card shows its capacity, however much more is sent.
  const run = plainRun({ rates: [4000, 6000, 8000, 12_000, 14_000] });
  const { safeMaxTps } = analyzeRun(run, policy);
  const atLimit = (0.8 * 6.25e6 - 1e4) / 600;
  expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in', node: '1' } });
  expect('estimateTps' in safeMaxTps && safeMaxTps.estimateTps).toBeCloseTo(atLimit, 0);
});
