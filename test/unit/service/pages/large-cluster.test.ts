import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { systemClock } from '../../../../core/clock.ts';
import { renderClusterPage } from '../../../../dashboards/web/cluster/cluster-page.ts';
import { groupSorts, renderGroupsPage } from '../../../../dashboards/web/cluster/groups-page.ts';
import { readListQuery } from '../../../../dashboards/web/cluster/list-query.ts';
import { renderSettingsPage } from '../../../../dashboards/web/cluster/settings-page.ts';
import { renderTopicPage, renderTopicsPage, topicSorts } from '../../../../dashboards/web/cluster/topics-page.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { settingsAnswer } from '../../../../service/pages/settings.ts';
import { groupList, topicContent, topicList } from '../../../../service/pages/cluster-lists.ts';
import { clusterView } from '../../../../service/pages/cluster-content.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import { shownRecorded } from '../../../support/shown-recorded.ts';
import { servedCluster, statusOf } from '../../../support/served-api.ts';

const mostBytes = 300_000;
const longName = (index: number) => `topic-${index}-`.padEnd(249, String.fromCharCode(97 + (index % 26)));
const names = Array.from({ length: 5000 }, (_, index) => longName(index));

const snapshot = {
  cluster: {
    name: 'orders',
    kind: 'kafka',
    brokers: Array.from({ length: 100 }, (_, index) => ({ id: String(index), address: `k${index}.example:9092` })),
  },
  topics: names.map((name, index) => ({
    name,
    internal: false,
    partitions: Array.from({ length: index === 0 ? 2000 : 20 }, (_, partition) => ({
      topic: name,
      partition,
      leader: '1',
      replicas: ['1', '2', '3'],
      inSyncReplicas: ['1', '2', '3'],
    })),
  })),
  offsets: [],
  groups: names.map((topic, index) => ({
    name: `group-${index}`.padEnd(249, 'g'),
    state: 'Stable',
    partitions: [{ topic, partition: 0, end: 10n, committed: 4n }],
  })),
  sections: [],
} as unknown as ClusterSnapshot;

const traffic = () => ({
  at: new Date(0),
  seconds: 15,
  produceTps: 2000,
  brokers: new Map(),
  topics: new Map(names.map((name, index) => [name, { produceTps: index, consumeTps: index }])),
  groups: new Map(),
});
const served = servedCluster('orders', { last: () => ({ snapshot, at: new Date(0) }), traffic });
const parts = {
  clusters: new Map([['orders', served]]),
  statuses: {
    fleet: () => ({ at: '', clusters: [] }),
    cluster: (name: string) => statusOf(name),
    promotions: () => [],
  },
  history: { entries: () => [], entry: () => undefined } as never,
  clock: systemClock,
  schedule: { states: () => [] },
  config: ServiceConfig.parse({}),
  policy: examplePolicy(),
  alerts: createAlertLog(),
  gc: { of: () => [] },
  readings: shownRecorded(new Date().toISOString(), {
    orders: { brokers: snapshot.cluster.brokers.slice(0, 20).map(({ id }) => id), peakTps: 2000, hours: 6 },
  }),
};
const view = createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' });
const none = new URLSearchParams();

const pages = {
  overview: () => {
    const day = { today: '2026-11-10', yesterday: '2026-11-09', requested: { kind: 'not-requested' } } as const;
    const content = clusterView('orders', { day, range: '6h' }, parts);
    return content === undefined ? '' : renderClusterPage(content, view);
  },
  topics: () => renderTopicsPage(topicList(served, readListQuery(none, topicSorts), parts), view),
  groups: () => renderGroupsPage(groupList(served, readListQuery(none, groupSorts), parts), view),
  topic: () => {
    const content = topicContent(served, names[0] ?? '', none);
    return content === undefined ? '' : renderTopicPage(content, view);
  },
  settings: () => {
    const values = new Map(Array.from({ length: 350 }, (_, index) => [`setting.number.${index}`, `value ${index}`]));
    const processes = snapshot.cluster.brokers.map(({ id }) => ({ of: 'broker' as const, id, values }));
    const value = settingsAnswer({ processes, differences: [], notices: [] });
    return renderSettingsPage({ cluster: 'orders', answer: { kind: 'answered', value, at: new Date(0) } }, view);
  },
};

test.each(Object.keys(pages) as (keyof typeof pages)[])(
  'the page %s of a cluster with 100 brokers, 100,000 partitions and 5000 groups stays below 300 kB',
  (name) => {
    const page = pages[name]();
    expect(page.length).toBeGreaterThan(10_000);
    expect(gzipSync(page).length).toBeLessThan(mostBytes / 4);
    expect(Buffer.byteLength(page)).toBeLessThan(mostBytes);
  },
);
