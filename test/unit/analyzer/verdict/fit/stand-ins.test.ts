import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { measuredCrossing } from '../../../../../analyzer/verdict/fit/crossing.ts';
import type { Ceiling } from '../../../../../analyzer/verdict/evidence.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { standInsOf } from '../../../../../analyzer/verdict/fit/stand-ins.ts';
import { limitAt, placedRun } from '../../../../support/placed-run.ts';

const policy = examplePolicy();
const ceiling = (node: string, value: number): Ceiling => ({
  ...measuredCrossing({ value, low: value, high: value }, 0.95, { resource: 'network-out', node }),
  limit: { resource: 'network-out', node },
  kind: 'network',
});
const unread = (node: string, resource: 'network-out' | 'cpu' = 'network-out') => ({
  unknown: [{ resource, node, what: 'counters' }],
  policy,
});

test('the limit assumed for a broker without readings ranges beyond the other limits by the ratio between them', () => {
  const [standIn, ...more] = standInsOf([ceiling('1', 1000), ceiling('2', 1200)], unread('3'));
  expect(more).toEqual([]);
  expect(standIn?.limit).toEqual({ resource: 'network-out', node: '3' });
  // 1000 · 1000 / 1200 and 1200 · 1200 / 1000, a quarter of the draws each.
  expect(standIn?.low).toBeCloseTo(833.3, 1);
  expect(standIn?.high).toBeCloseTo(1440, 9);
  expect(standIn?.value).toBe(1200);
});

test('a broker without host metrics counts as unread in each resource that others have', () => {
  const found = standInsOf([ceiling('1', 1000), ceiling('2', 1200)], { unknown: [], hostless: ['3'], policy });
  expect(found.map(({ limit }) => limit)).toEqual([{ resource: 'network-out', node: '3' }]);
  expect(found[0]?.low).toBeCloseTo(833.3, 1);
});

test('identical brokers leave no uncertainty', () => {
  const [standIn] = standInsOf([ceiling('1', 1000), ceiling('2', 1000), ceiling('3', 1000)], unread('4'));
  expect([standIn?.low, standIn?.high]).toEqual([1000, 1000]);
});

test('a single broker, another resource and brokers of another role yield no stand-in', () => {
  expect(standInsOf([ceiling('1', 1000)], unread('2'))).toEqual([]);
  expect(standInsOf([ceiling('1', 1000), ceiling('2', 1200)], unread('3', 'cpu'))).toEqual([]);
  const slaves = ['a:1', 'b:1'].map((node) => ceiling(node, 1000));
  expect(standInsOf(slaves, unread('c:0'))).toEqual([]);
  expect(standInsOf(slaves, unread('c:1'))).toHaveLength(1);
});

test('a broker without host metrics that leads more than the others reaches its limit earlier', () => {
  const shape = {
    broker: 'kafka' as const,
    cards: { 1: 12.5e6, 2: 12.5e6, 3: 12.5e6 },
    rows: ['1', '2', '3'].map((leader, place, all) => ({
      leader,
      replicas: [leader, all[(place + 1) % 3] as string, all[(place + 2) % 3] as string],
      outOfSync: [],
      partitions: leader === '1' ? 6 : 3,
    })),
    groups: 1,
    rates: [1000, 2000, 3000, 4000, 5000],
    replicationFactor: 3,
  };
  const safeOf = (unread: readonly string[], isRecorded = true) => {
    const run = placedRun({ ...shape, isRecorded });
    const hosts = new Map([...run.hosts].filter(([name]) => !unread.includes(name)));
    const { safeMaxTps } = analyzeRun({ ...run, hosts }, policy);
    return 'tps' in safeMaxTps ? safeMaxTps.tps : Number.NaN;
  };
  const truth = limitAt('1', shape);
  expect(truth / limitAt('2', shape)).toBeLessThan(0.7);
  expect(safeOf([])).toBeLessThanOrEqual(truth);
  for (const unread of [['host-1'], ['host-1', 'host-2']]) {
    expect(safeOf(unread)).toBeGreaterThan(0.8 * truth);
    expect(safeOf(unread)).toBeLessThanOrEqual(truth);
  }
  expect(safeOf(['host-1'], false)).toBeGreaterThan(truth);
});
