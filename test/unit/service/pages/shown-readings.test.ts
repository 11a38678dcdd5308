import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import type { HistoryQuery } from '../../../../service/history/history.ts';
import { html } from '../../../../core/text/html.ts';
import { renderAttention } from '../../../../dashboards/web/cluster/attention.ts';
import { renderReadings } from '../../../../dashboards/web/readings/readings-section.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import { trendOf } from '../../../../service/pages/readings-lines.ts';
import {
  brokerReadings,
  clusterReadings,
  groupReadings,
  recentReadings,
} from '../../../../service/pages/shown-readings.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { statusOf } from '../../../support/served-api.ts';
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

function shown(
  cluster = 'orders',
  safeMaxTps: Analysis['safeMaxTps'] = { kind: 'at-least', tps: 9000, reason: 'no-limit-reached' },
) {
  const asked: HistoryQuery[] = [];
  const history = { entries: (query: HistoryQuery) => (asked.push(query), [note]) };
  const content = clusterReadings(
    { cluster, safeMaxTps },
    undefined,
    { range: '6h', nowMs },
    { readings, policy: examplePolicy(), history, alerts: createAlertLog() },
  );
  return { content, asked };
}

test('the load comes first, with the safe maximum, and each resource has its policy limit', () => {
  const { charts } = shown().content;
  expect(charts.map(({ of }) => of)).toEqual([
    'load',
    'topics',
    'consumed',
    'cpu',
    'network-in',
    'network-out',
    'disk-io',
    'disk-space',
    'heap',
    'lag-seconds',
  ]);
  expect(charts[0]?.limits).toEqual([{ of: 'safe', value: 9000 }]);
  expect(charts.find(({ of }) => of === 'consumed')?.limits).toEqual([]);
  expect(charts.find(({ of }) => of === 'cpu')?.limits).toEqual([
    { of: 'policy', value: examplePolicy().limits.cpu.value },
  ]);
});

test('the load limit of a readings-based maximum is what the policy allows; an unknown maximum has none', () => {
  // 70,000 msg/s, of which the policy allows 56,000.
  const { safeMaxTps } = readAnalysis('readings');
  expect(shown('orders', safeMaxTps).content.charts[0]?.limits).toEqual([{ of: 'safe', value: 56_000 }]);
  expect(shown('orders', { kind: 'unknown', missing: [] }).content.charts[0]?.limits).toEqual([]);
});

test('an outage of ten minutes is a gap in every line and not 0', () => {
  const [load] = shown().content.charts;
  const produced = load?.lines[0]?.mean ?? [];
  expect(produced).toHaveLength(360);
  const gap = produced.slice(360 - 130, 360 - 120);
  expect(gap).toEqual(Array.from({ length: gap.length }));
  expect(produced.filter((value) => value === 0)).toEqual([]);
});

test('with too many brokers to distinguish, those with the highest values are drawn and the others counted', () => {
  const cpu = shown().content.charts.find(({ of }) => of === 'cpu');
  expect(cpu?.lines.map(({ label }) => label)).toEqual(['1', '2', '3', '4', '5'].map((name) => ({ name })));
  expect(cpu?.notDrawn).toBe(2);
});

test('history entries within the range are marks', () => {
  const { content, asked } = shown();
  expect(content.marks).toEqual([note]);
  // From the start of the first slot.
  const sinceMs = nowMs - 6 * 3_600_000 + 60_000;
  expect(asked[0]).toMatchObject({ cluster: 'orders', sinceMs, untilMs: nowMs });
});

test('a cluster without recorded data has one chart without lines', () => {
  const { charts } = shown('unknown').content;
  expect(charts.map(({ of, lines }) => [of, lines])).toEqual([['load', []]]);
  expect(groupReadings(undefined, 'billing', { range: '1h', nowMs }).charts).toMatchObject([{ lines: [] }]);
  expect(trendOf(undefined, nowMs)).toEqual(Array.from({ length: 36 }));
});

test('each line has the last reading, which the small chart of a cluster ends with', () => {
  const kept = readings.of('orders');
  const last = kept?.last({ of: 'cluster', name: '', figure: 'produceTps' });
  expect(last).toBeCloseTo(7200, 6);
  expect(
    shown()
      .content.charts.slice(0, 2)
      .map(({ lines: [line] }) => line?.last),
  ).toEqual([last, kept?.last({ of: 'topic', name: 'order-created', figure: 'produceTps' })]);
  expect(trendOf(kept, nowMs).at(-1)).toBe(last);
});

test('the load is split by topic, largest first, with the rest as one line and new topics marked', () => {
  const topics = shown().content.charts.find(({ of }) => of === 'topics');
  expect(topics?.lines.map(({ label }) => label)).toEqual([
    { name: 'order-created' },
    { name: 'order-paid' },
    { name: 'order-returned', isNew: true },
    'others',
  ]);
  const at = (line: number) => topics?.lines[line]?.mean.at(-1) ?? 0;
  const all = shown().content.charts[0]?.lines[0]?.mean.at(-1) ?? 0;
  expect(at(0) + at(1) + at(2) + at(3)).toBeCloseTo(all, 5);
  const lasts = (topics?.lines ?? []).map(({ last }) => last ?? Number.NaN);
  expect(lasts.reduce((sum, each) => sum + each, 0)).toBeCloseTo(shown().content.charts[0]?.lines[0]?.last ?? 0, 5);
});

test('after a storm the pages state that alerts are missing, and list at most a hundred firing ones', () => {
  const log = createAlertLog();
  const view = createView({
    prefix: '',
    path: '/clusters/orders',
    query: new URLSearchParams('lang=zh'),
    accepted: 'en',
  });
  const post = (count: number) =>
    log.add(
      {
        alerts: Array.from({ length: count }, (_, partition) => ({
          labels: { alertname: 'PartitionOffline', cluster: 'orders', partition: String(partition), topic: 'paid' },
          annotations: {},
          status: 'firing' as const,
          startsAt: at,
        })),
      },
      nowMs,
    );
  const parts = {
    readings,
    clock: { ...systemClock, now: () => new Date(at) },
    history: { entries: () => [] },
    alerts: log,
  };
  const page = () => {
    const draw = (_: unknown, query: object) => ({ range: '6h' as const, nowMs, ...query, charts: [] });
    return renderReadings(recentReadings('orders', {}, view, parts, draw), '负载', view).section.text;
  };
  const cut = '每日（UTC）500 条告警的记录上限';
  post(499);
  expect(page()).not.toContain(cut);
  post(500);
  expect(page()).toContain(cut);
  const late = { labels: { alertname: 'BrokerDown', cluster: 'orders', severity: 'critical' }, annotations: {} };
  log.add({ alerts: [{ ...late, status: 'firing', startsAt: new Date(nowMs + 1).toISOString() }] }, nowMs + 1);
  const attention = html`${renderAttention(statusOf('orders'), log.firing('orders', nowMs), view)}`.text;
  expect(attention).toContain('BrokerDown');
  expect(attention.split('<li class=').length - 1).toBe(100);
  expect(attention).toContain('仅显示 100 条');
});

test('a page lists the alerts of its subject and of the whole cluster, but none of other groups and topics', () => {
  const alerts = createAlertLog();
  const alert = (alertname: string, own: object) => ({
    labels: { alertname, cluster: 'orders', ...own },
    annotations: {},
    status: 'firing' as const,
    startsAt: at,
    endsAt: '0001-01-01T00:00:00Z',
  });
  const posted = [
    alert('lag', { consumergroup: 'billing', topic: 'paid' }),
    alert('big', { topic: 'paid' }),
    alert('load', {}),
  ];
  alerts.add({ alerts: posted }, nowMs);
  const parts = {
    readings,
    clock: { ...systemClock, now: () => new Date(at) },
    history: { entries: () => [] },
    alerts,
  };
  const listed = (subject: { group?: string; topic?: string }) =>
    recentReadings('orders', subject, { query: new URLSearchParams() }, parts, (_, query) => ({
      ...query,
      charts: [],
    })).alerts.map(({ name }) => name);
  expect(listed({ group: 'billing' })).toEqual(['lag', 'load']);
  expect(listed({ topic: 'paid' })).toEqual(['lag', 'big', 'load']);
  expect(listed({})).toEqual(['load']);
});

test('no topic is marked as new if the cluster has no older data', () => {
  const young = shownRecorded(at, { orders: { brokers: ['1'], peakTps: 100, hours: 0.5 } });
  const { charts } = clusterReadings(
    { cluster: 'orders' },
    undefined,
    { range: '1h', nowMs },
    { readings: young, policy: examplePolicy(), history: { entries: () => [] }, alerts: createAlertLog() },
  );
  const labels = charts.find(({ of }) => of === 'topics')?.lines.map(({ label }) => label);
  expect(labels).toContainEqual({ name: 'order-returned' });
});

test('a broker that receives nothing from producers has no chart of produced messages', () => {
  const charts = (receives: boolean) =>
    brokerReadings(readings.of('orders'), { id: '1', receives }, { range: '1h', nowMs }, examplePolicy()).charts.map(
      ({ of }) => of,
    );
  expect(charts(true)[0]).toBe('produce');
  expect(charts(false)[0]).toBe('cpu');
});
