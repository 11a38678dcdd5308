import { expect, test } from 'vitest';
import type { ClusterSnapshot, GroupSnapshot } from '../../../../brokers/snapshot.ts';
import { createLogger } from '../../../../core/log.ts';
import { renderGroupPage } from '../../../../dashboards/web/cluster/group-page.ts';
import { groupSorts, renderGroupsPage } from '../../../../dashboards/web/cluster/groups-page.ts';
import { readListQuery, selectRows } from '../../../../dashboards/web/cluster/list-query.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createLagClock } from '../../../../exporter/lag/lag-clock.ts';
import { groupLag } from '../../../../service/clusters/group-lag.ts';
import { createLookups } from '../../../../service/clusters/lookups.ts';
import { groupList, topicContent } from '../../../../service/pages/cluster-lists.ts';
import { groupContent } from '../../../../service/pages/group.ts';
import { ClusterReadings } from '../../../../service/readings/cluster-readings.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster } from '../../../support/served-api.ts';

/** A fast topic with a group that lags by 1,000 messages, and a slow topic with one that lags by 20. */
const rates = { orders: 100, refunds: 1 } as const;
type Topic = keyof typeof rates;

function snapshotAt(seconds: number): ClusterSnapshot {
  const end = (topic: Topic) => BigInt(rates[topic] * seconds);
  const place = (topic: Topic) => ({ topic, partition: 0, start: 0n, end: end(topic) });
  const group = (name: string, behind: Partial<Record<Topic, number>>): GroupSnapshot => ({
    name,
    partitions: Object.entries(behind).map(([topic, messages]) => ({
      ...place(topic as Topic),
      committed: end(topic as Topic) - BigInt(messages),
    })),
  });
  return {
    cluster: { name: 'shop', kind: 'kafka', brokers: [{ id: '1', address: 'b:9092' }] },
    topics: (['orders', 'refunds'] as const).map((name) => ({
      name,
      internal: false,
      partitions: [{ topic: name, partition: 0, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }],
    })),
    offsets: [place('orders'), place('refunds')],
    groups: [
      group('fast', { orders: 1000 }),
      group('slow', { refunds: 20 }),
      group('both', { orders: 500, refunds: 15 }),
      // Lags by more than the recorded end offsets: its time lag is unknown.
      group('older', { orders: 100 * seconds - 1 }),
      { ...group('uncounted', { refunds: 19 }), withoutEnd: new Map([['gone', []]]) },
    ],
    sections: [{ section: 'offsets', broker: '1', kind: 'fresh', durationSeconds: 0.01 }],
  };
}

/** A cluster that was read every 15 s for five minutes, starting one minute after its first message. */
function read() {
  const clock = createHandClock();
  const lagClock = createLagClock({ clock, log: createLogger('silent') });
  const readings = new ClusterReadings({ usedBytes: 0, mostBytes: 2 ** 20 });
  let snapshot = snapshotAt(60);
  for (let seconds = 60; seconds <= 360; seconds += 15) {
    snapshot = snapshotAt(seconds);
    readings.lagTimes = lagClock.observe(snapshot);
    clock.advance(15);
  }
  const cluster = servedCluster('shop', {
    last: () => ({ snapshot, at: clock.now() }),
    lookUp: () => Promise.reject(new Error('no answer')),
  });
  const parts = {
    clusters: new Map([['shop', cluster]]),
    statuses: { fleet: () => ({ at: '', clusters: [] }), cluster: () => undefined, promotions: () => [] },
    readings: { of: () => readings, usage: () => ({ bytes: 0, mostBytes: 0 }) },
  };
  return { cluster, parts, lagTimes: readings.lagTimes };
}

const view = (language: string) =>
  createView({ prefix: '', path: '/clusters/shop', query: new URLSearchParams(`lang=${language}`), accepted: 'en' });
const list = (query = '') => readListQuery(new URLSearchParams(query), groupSorts);

test('groups are sorted by time lag, followed by those with unknown time lag sorted by messages', () => {
  const { cluster, parts } = read();
  const { page } = groupList(cluster, list(), parts);
  expect(page.rows.map(({ name, lagSeconds, lag }) => [name, lagSeconds && Math.round(lagSeconds), lag])).toEqual([
    // The next of its 20 unread messages was stored 19 s ago.
    ['slow', 19, 20],
    ['both', 14, 515],
    ['fast', 10, 1000],
    ['older', undefined, 35_999],
    ['uncounted', undefined, undefined],
  ]);
});

test("a partition with an unknown end hides the group's lag, but not its lag in other topics", async () => {
  const { cluster, lagTimes } = read();
  const group = await groupContent(cluster, 'uncounted', createLookups(createHandClock()), lagTimes);
  expect(group?.group).not.toHaveProperty('lag');
  expect(group?.topics).toMatchObject([{ topic: 'refunds', lag: 19 }]);
  const readers = topicContent(cluster, 'refunds', new URLSearchParams(), lagTimes)?.groups ?? [];
  expect(readers.map(({ name, lag }) => [name, lag])).toContainEqual(['uncounted', 19]);
  expect(readers.find(({ name }) => name === 'uncounted')?.lagSeconds).toBeGreaterThan(0);
});

test.each([
  ['en', 'Deleted before consumption, messages'],
  ['zh', '未消费即被清理（条）'],
])('the page shows how many messages of its lag retention deleted, in %s', async (language, title) => {
  const { cluster, lagTimes } = read();
  const { snapshot, at } = cluster.last() ?? { snapshot: snapshotAt(360), at: new Date() };
  const late = { topic: 'orders', partition: 0, committed: 30n, start: 1_264n, end: 36_000n };
  const groups = [{ name: 'late', partitions: [late, { ...late, topic: 'refunds', start: 0n }] }];
  const lost = { ...cluster, last: () => ({ snapshot: { ...snapshot, groups }, at }) };
  const content = await groupContent(lost, 'late', createLookups(createHandClock()), lagTimes);
  expect(content?.topics.map((each) => each.lost)).toEqual([1234, undefined]);
  const page = content && renderGroupPage(content, view(language));
  expect(page).toContain(title);
  expect(page).toContain('1,234');
});

test('a group whose coordinator does not answer keeps its lag in time, with the time of its last reading', async () => {
  const { cluster, lagTimes } = read();
  const { snapshot, at } = cluster.last() ?? { snapshot: snapshotAt(360), at: new Date() };
  const groups = snapshot.groups.map((group) => ({ ...group, commitsAgeSeconds: 120 }));
  const kept = { ...cluster, last: () => ({ snapshot: { ...snapshot, groups }, at }) };
  const content = await groupContent(kept, 'slow', createLookups(createHandClock()), lagTimes);
  expect(content?.group).toMatchObject({ lag: 20, lagSeconds: expect.closeTo(19, 0) });
  expect(content?.topics).toMatchObject([{ lag: 20, lagSeconds: expect.closeTo(19, 0) }]);
  expect(content && at.getTime() - Date.parse(content.readAt)).toBe(120_000);
});

test('a commit beyond the end of a re-created topic hides the lag of the group', () => {
  const place = { topic: 'orders', start: 0n, end: 900n };
  const partitions = [14_322n, 890n].map((committed, partition) => ({ ...place, partition, committed }));
  expect(groupLag({ name: 'ahead', partitions }, undefined)).toEqual({});
});

test.each([
  ['en', 'Lag, time', 'Lag, messages'],
  ['zh', '消费延迟', '消费堆积（条）'],
])(
  "time lag comes before message lag in the tables of groups and of a group's topics, in %s",
  async (language, ...titles) => {
    const { cluster, parts, lagTimes } = read();
    const group = await groupContent(cluster, 'both', createLookups(createHandClock()), lagTimes);
    expect(group?.topics.map(({ topic, lagSeconds = 0 }) => [topic, Math.round(lagSeconds)])).toEqual([
      ['refunds', 14],
      ['orders', 5],
    ]);
    const pages = [
      renderGroupsPage(groupList(cluster, list(), parts), view(language)),
      ...(group === undefined ? [] : [renderGroupPage(group, view(language))]),
    ];
    for (const page of pages) {
      const places = titles.map((title) => page.indexOf(`>${title}</th>`));
      expect(places[0]).toBeGreaterThan(0);
      expect(places[1]).toBeGreaterThan(places[0] ?? Infinity);
    }
  },
);

test('the time lag of a group on the page of a topic is its lag in that topic', () => {
  const { cluster, lagTimes } = read();
  const groups = topicContent(cluster, 'orders', new URLSearchParams(), lagTimes)?.groups ?? [];
  expect(groups.map(({ name, lagSeconds }) => [name, lagSeconds && Math.round(lagSeconds)])).toEqual([
    ['fast', 10],
    ['both', 5],
    ['older', undefined],
  ]);
});

test('the time lag column is omitted if no time lag is known', () => {
  const { cluster, parts } = read();
  const unknown = { ...parts, readings: { ...parts.readings, of: () => undefined } };
  const { page } = groupList(cluster, list(), unknown);
  expect(page.rows[0]).toMatchObject({ name: 'older', lag: 35_999 });
  expect(renderGroupsPage(groupList(cluster, list(), unknown), view('en'))).not.toContain('Lag, time');
});

test.each([1, 2, 3, 4])('page %i of rows with equal values has the same order as a full sort', (page) => {
  const rows = Array.from({ length: 350 }, (_, index) => ({
    name: `t-${(index * 37) % 350}`,
    load: index % 3 === 0 ? index % 7 : 0,
  }));
  const byLoad = (one: { load: number }, other: { load: number }) => other.load - one.load;
  const number = ({ name }: { name: string }) => Number(name.slice(2));
  const all = rows.toSorted((one, other) => byLoad(one, other) || number(one) - number(other));
  const query = { q: '', sort: 'load', page } as const;
  const selected = selectRows(rows, query, ({ name }) => [name], { load: byLoad });
  expect(selected.rows).toEqual(all.slice((page - 1) * 100, page * 100));
});
