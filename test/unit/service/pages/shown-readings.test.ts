import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import type { HistoryQuery } from '../../../../service/history/history.ts';
import { clusterReadings, groupReadings, trendOf } from '../../../../service/pages/shown-readings.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { shownRecorded } from '../../../support/shown-recorded.ts';

const at = '2026-11-10T12:00:00.000Z';
const nowMs = Date.parse(at);
const readings = shownRecorded(at, {
  orders: { brokers: ['1', '2', '3', '4', '5', '6', '7'], peakTps: 10_000, hours: 6 },
});
const note: HistoryEntry = {
  id: 7,
  at: '2026-11-10T11:00:00.000Z',
  by: { name: 'anna', through: 'api' },
  kind: 'change',
  cluster: 'orders',
  document: { what: 'annotated', after: 'moved' },
};

function shown(cluster = 'orders') {
  const asked: HistoryQuery[] = [];
  const history = { entries: (query: HistoryQuery) => (asked.push(query), [note]) };
  const content = clusterReadings(
    { cluster, safeMaxTps: { kind: 'at-least', tps: 9000, reason: 'no-limit-reached' } },
    undefined,
    { range: '6h', nowMs },
    { readings, policy: examplePolicy(), history },
  );
  return { content, asked };
}

test('the load stands first, with the safe maximum, and each resource has its policy limit', () => {
  const { charts } = shown().content;
  expect(charts.map(({ of }) => of)).toEqual([
    'load',
    'cpu',
    'network-in',
    'network-out',
    'disk-io',
    'disk-space',
    'heap',
    'lag-seconds',
  ]);
  expect(charts[0]?.limits).toEqual([{ of: 'safe', value: 9000 }]);
  expect(charts[1]?.limits).toEqual([{ of: 'policy', value: examplePolicy().limits.cpu.value }]);
});

test('an outage of ten minutes is a gap in every line, and its slots are not 0', () => {
  const [load] = shown().content.charts;
  const produced = load?.lines[0]?.mean ?? [];
  expect(produced).toHaveLength(360);
  const gap = produced.slice(360 - 130, 360 - 120);
  expect(gap).toEqual(Array.from({ length: gap.length }));
  expect(produced.filter((value) => value === 0)).toEqual([]);
});

test('of more brokers than can be told apart those with the highest values are drawn, and the others counted', () => {
  const cpu = shown().content.charts.find(({ of }) => of === 'cpu');
  expect(cpu?.lines.map(({ label }) => label)).toEqual(['1', '2', '3', '4', '5'].map((name) => ({ name })));
  expect(cpu?.notDrawn).toBe(2);
});

test('entries of the history within the range are marks', () => {
  const { content, asked } = shown();
  expect(content.marks).toEqual([note]);
  expect(asked[0]).toMatchObject({ cluster: 'orders', sinceMs: nowMs - 6 * 3_600_000, untilMs: nowMs });
});

test('a cluster of which nothing was recorded has one chart without lines', () => {
  const { charts } = shown('unknown').content;
  expect(charts.map(({ of, lines }) => [of, lines])).toEqual([['load', []]]);
  expect(groupReadings(undefined, 'billing', { range: '1h', nowMs }).charts).toMatchObject([{ lines: [] }]);
  expect(trendOf(undefined, nowMs)).toEqual(Array.from({ length: 36 }));
});
