import { expect, test } from 'vitest';
import { measuredCrossing } from '../../../../../analyzer/verdict/fit/crossing.ts';
import type { Ceiling } from '../../../../../analyzer/verdict/evidence.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { standInsOf } from '../../../../../analyzer/verdict/fit/stand-ins.ts';

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
