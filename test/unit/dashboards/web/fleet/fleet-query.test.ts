import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../../core/documents/cluster-status.ts';
import { readFleetQuery, rowsPerPage, selectClusters } from '../../../../../dashboards/web/fleet/fleet-query.ts';
import { renderFleetTable } from '../../../../../dashboards/web/fleet/fleet-page.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { readAnalysis } from '../../../../support/analyses.ts';

const cluster = (name: string, over: Partial<ClusterStatus> = {}): ClusterStatus => ({
  cluster: name,
  broker: 'kafka',
  domains: [],
  state: 'ok',
  ...over,
});
const namesOf = (clusters: readonly ClusterStatus[], address: string) =>
  selectClusters(clusters, readFleetQuery(new URLSearchParams(address))).rows.map(({ cluster: name }) => name);

const fleet = [
  cluster('b', { headroom: 0.5 }),
  cluster('unknown'),
  cluster('a', { headroom: -0.1, state: 'over', domains: ['Orders'] }),
];

test('clusters are sorted by headroom, the worst first, and clusters without headroom are last in either order', () => {
  expect(namesOf(fleet, '')).toEqual(['a', 'b', 'unknown']);
  expect(namesOf(fleet, 'order=desc')).toEqual(['b', 'a', 'unknown']);
});

test('by time to the safe maximum, a cluster above it is first, whatever is forecast', () => {
  const forecast = (secondsToLimit: number) => ({
    forecast: { entry: 1, peak: { tps: 1, at: '2026-11-11T00:00:00.000Z' }, secondsToLimit },
  });
  const over = { headroom: -0.1, loadState: 'over' } as const;
  const clusters = [
    cluster('soon', forecast(60)),
    cluster('over', { ...over, ...forecast(7200) }),
    cluster('lost', over),
  ];
  expect(namesOf(clusters, 'sort=limit')).toEqual(['lost', 'over', 'soon']);
});

test('the search for names and domains ignores case, and states and brokers are filtered by name', () => {
  expect(namesOf(fleet, 'q=ORD')).toEqual(['a']);
  expect(namesOf(fleet, 'state=over')).toEqual(['a']);
  expect(namesOf(fleet, 'broker=rocketmq')).toEqual([]);
});

test('an invalid query shows the default list', () => {
  expect(namesOf(fleet, 'sort=nonsense&order=up&state=?&page=-7')).toEqual(namesOf(fleet, ''));
  expect(namesOf(fleet, 'page=999')).toEqual(namesOf(fleet, ''));
});

test('a long list is split into pages without losing a cluster', () => {
  const many = Array.from({ length: 2 * rowsPerPage + 1 }, (_, index) => cluster(`c${index}`, { headroom: index }));
  const pages = [1, 2, 3].flatMap((page) => namesOf(many, `page=${page}`));
  expect(new Set(pages).size).toBe(many.length);
});

test.each([
  ['en', 'N-1: sends are rejected at any rate'],
  ['zh', 'N-1：任何速率下都会拒绝发送'],
])('in %s, a cluster that rejects sends after a loss is shown as such', (lang, text) => {
  const query = new URLSearchParams({ lang });
  const view = createView({ prefix: '', path: '/clusters', query, accepted: false });
  const rows = [cluster('orders', { headroom: 0.5, withoutOne: { lost: 'broker', id: '1', tps: 0 } })];
  const shown = renderFleetTable(rows, { query: readFleetQuery(query), trendOf: () => [] }, view);
  expect(shown.text).toContain(text);
});

test('an observed maximum is sorted, drawn and compared as scaled by the policy', () => {
  const reading = cluster('reading', {
    // 70,000 msg/s, which the policy reduces to 56,000.
    safeMaxTps: readAnalysis('readings').safeMaxTps,
    forecast: { entry: 1, peak: { tps: 60_000, at: '2026-11-11T00:00:00.000Z' } },
  });
  const reached = cluster('reached', { safeMaxTps: { kind: 'at-least', tps: 60_000, reason: 'no-limit-reached' } });
  expect(namesOf([reached, reading], 'sort=safe')).toEqual(['reading', 'reached']);
  const query = new URLSearchParams({ lang: 'en' });
  const view = createView({ prefix: '', path: '/clusters', query, accepted: false });
  const shown = renderFleetTable([reading], { query: readFleetQuery(query), trendOf: () => [60_000] }, view);
  const text = shown.text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(text).toContain('56,000 observed one reading at 70,000, scaled to the policy limit');
  expect(text).toContain(view.strings.pages.fleet.limitUnknown);
  // The load is above the limit, so the scale ends at the load.
  expect(shown.text).toContain('<span>60,000</span>');
});
