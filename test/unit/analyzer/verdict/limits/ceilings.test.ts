import { describe, expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { firstCeilingOf, firstChangedCeilingOf } from '../../../../../analyzer/verdict/limits/first-ceiling.ts';
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

/** Lower bound of the minimum of n equal normal variables: 1 − (1 − p)^n is 2.5%. */
const leastOf = (n: number) => 1000 + 100 * (normalQuantile(1 - 0.975 ** (1 / n)) / -normalQuantile(0.025));

test('the lowest of ten equal limits has the lower bound of the minimum of ten independent measurements', () => {
  expect(Math.round(leastOf(10))).toBe(857);
  const low = firstCeilingOf(ten, policy)?.low ?? 0;
  expect(Math.abs(low - leastOf(10))).toBeLessThan(5);
});

test('each of ten equal limits is the lowest in about 10% of the samples', () => {
  const shares = firstCeilingOf(ten, policy)?.shares ?? [];
  expect(shares).toHaveLength(10);
  for (const { probability } of shares) expect(Math.abs(probability - 0.1)).toBeLessThan(0.03);
});

test('the order of the limits does not change the interval', () => {
  const [listed, reversed] = [ten, ten.toReversed()].map((ceilings) => firstCeilingOf(ceilings, policy));
  if (listed === undefined) throw new Error('no limit');
  expect([reversed?.low, reversed?.high]).toEqual([listed.low, listed.high]);
});

test('a single limit keeps its measured interval, and a duplicate of it counts once', () => {
  const [only, twice] = [ten.slice(0, 1), [measured('1'), measured('1')]].map((each) => firstCeilingOf(each, policy));
  expect([only?.low, only?.high]).toEqual([900, 1100]);
  expect(twice?.low).toBeCloseTo(900, 6);
});

test('a change of work divides every limit, including those far above the first', () => {
  const work = { value: 2, low: 1.5, high: 4 };
  const limits = [
    ...ten,
    ...ten.map((each) => ({
      ...each,
      value: 9000,
      draws: { low: each.draws.low.map((rate) => 9 * rate), high: each.draws.high },
    })),
  ];
  const divided = limits.map((each) => ({
    ...each,
    value: each.value / 2,
    draws: { low: each.draws.low.map((rate) => rate / 4), high: each.draws.high.map((rate) => rate / 1.5) },
  }));
  const { draws, ...first } = firstCeilingOf(divided, policy) ?? {};
  const changed = firstChangedCeilingOf(
    limits.map((ceiling) => ({ ceiling, factor: work })),
    policy,
  );
  expect(changed).toMatchObject(first);
  expect(changed?.draws).toEqual(draws);
});

test('two sustained steps and a saturated card put the safe maximum between the steps, not at the lower step', () => {
  const full = 6.25e6 / 600;
  const rates = [4000, 9000, 12_000];
  const run = plainRun({ rates, carried: (rate) => Math.min(1, full / rate) });
  const { safeMaxTps } = analyzeRun(run, policy);
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in', node: '1' } });
  if (safeMaxTps.kind !== 'predicted') return;
  expect(safeMaxTps.tps).toBeGreaterThan(0.9 * 0.8 * full);
  expect(safeMaxTps.tps).toBeLessThanOrEqual(0.8 * full);
});

test('a card saturated at sustained steps does not bend the fit below those steps', () => {
  // For example, a follower falls behind unnoticed: its card shows its capacity, however much more is sent.
  const run = plainRun({ rates: [4000, 6000, 8000, 12_000, 14_000] });
  const { safeMaxTps } = analyzeRun(run, policy);
  const atLimit = (0.8 * 6.25e6 - 1e4) / 600;
  expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in', node: '1' } });
  expect('estimateTps' in safeMaxTps && safeMaxTps.estimateTps).toBeCloseTo(atLimit, 0);
});

test('sustained rates at which a card was saturated do not raise its saturation rate', () => {
  const full = (6.25e6 - 1e4) / 600;
  const run = plainRun({ rates: [4000, 6000, 8000, 9500, 14_000] });
  const { saturationTps } = analyzeRun(run, policy);
  expect(saturationTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in', node: '1' } });
  expect('estimateTps' in saturationTps && saturationTps.estimateTps / full).toBeCloseTo(1, 1);
});

describe('followers that fall further behind at 5,000 msg/s', () => {
  /** The broker reports its slowest follower each second: `share` of the bytes of the last step is not replicated. */
  const withLag = (run: LoadTestRun, share = 0.2): LoadTestRun => ({
    ...run,
    brokers: new Map([
      [
        '1',
        run.produced.map(({ from, to }) => ({
          from,
          to,
          bytesInPerSecond: 2.5e6,
          replicationLagBytes: Math.max(0, from - 48) * share * 2.5e6,
        })),
      ],
    ]),
  });

  test('make the replicated rate the saturation rate', () => {
    const { saturationTps, steps } = analyzeRun(withLag(plainRun()), policy);
    expect(steps.at(-1)?.verdict).toEqual({ kind: 'saturated', bottleneck: { resource: 'replication', node: '1' } });
    expect(saturationTps).toMatchObject({ kind: 'confirmed', limitedBy: { resource: 'replication', node: '1' } });
    expect('estimateTps' in saturationTps && saturationTps.estimateTps).toBeCloseTo(4000, 0);
  });

  test('with lag counted by a slave are compared with the bytes that its master received', () => {
    const lagging = withLag(plainRun());
    const [slave = []] = [...(lagging.brokers?.values() ?? [])];
    const brokers = new Map([
      ['broker-a:0', slave.map(({ from, to }) => ({ from, to, bytesInPerSecond: 2.5e6 }))],
      ['broker-a:1', slave.map((each) => ({ ...each, bytesInPerSecond: 2e6 }))],
    ]);
    const { saturationTps } = analyzeRun({ ...lagging, brokers }, policy);
    expect('estimateTps' in saturationTps && saturationTps.estimateTps).toBeCloseTo(4000, 0);
  });

  test('are not the limit while their lag grows by at most 2% of the rate', () => {
    const { steps } = analyzeRun(withLag(plainRun(), 0.01), policy);
    expect(steps.at(-1)?.verdict).toEqual({ kind: 'sustained' });
  });
});

test('of steps past the limit with similar throughput, the first step sets the saturation rate', () => {
  const full = 6.25e6 / 600;
  const carriedBy = new Map([
    [12_000, full],
    [14_000, 1.01 * full],
  ]);
  const run = plainRun({
    rates: [4000, 9000, 12_000, 14_000],
    carried: (rate) => (carriedBy.get(rate) ?? rate) / rate,
  });
  const uneven = {
    ...run,
    produced: run.produced.map((line, second) => ({
      ...line,
      acknowledged: line.acknowledged * (line.intended > 9000 ? 1 + 0.05 * (((second * 7) % 5) - 2) : 1),
    })),
  };
  const { saturationTps } = analyzeRun(uneven, policy);
  expect(saturationTps.kind).toBe('confirmed');
  expect('estimateTps' in saturationTps && saturationTps.estimateTps / full).toBeCloseTo(1, 2);
  expect('estimateTps' in saturationTps && saturationTps.estimateTps).toBeLessThan(1.006 * full);
});
