import { expect, test } from 'vitest';
import { lagsOf } from '../../../../brokers/kafka/inspect/lags.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { systemClock } from '../../../../core/clock.ts';
import { renderClusterPage } from '../../../../dashboards/web/cluster/cluster-page.ts';
import type { ClusterView } from '../../../../dashboards/web/cluster/cluster-view.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import type { JobState } from '../../../../service/schedule/schedule.ts';
import { clusterView } from '../../../../service/pages/cluster-content.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { fixedParts } from '../../../support/fixed-parts.ts';
import { adviceFor, afterLoss } from '../../../support/known-evidence.ts';
import { serveFleet } from '../../../support/served-fleet.ts';
import { shownFleet } from '../../../support/shown-fleet.ts';
import { servedCluster, statusOf } from '../../../support/served-api.ts';

const runtime = new Map([
  ['msgPutTotalYesterdayMorning', '100'],
  ['msgPutTotalTodayMorning', '250'],
  ['msgPutTotalTodayNow', '300'],
  ['msgGetTotalYesterdayMorning', '0'],
  ['msgGetTotalTodayMorning', '0'],
  ['msgGetTotalTodayNow', '40'],
]);

const snapshot = {
  cluster: { name: 'orders', kind: 'rocketmq', brokers: [{ id: 'broker-a:0', address: '10.0.0.1:10911' }] },
  topics: [
    { name: 'quiet', internal: false, partitions: [] },
    { name: 'busy', internal: false, partitions: [] },
    { name: 'SYS', internal: true, partitions: [] },
  ],
  offsets: [],
  groups: [
    { name: 'never', partitions: [{ topic: 'busy', partition: 0, end: 9n }] },
    {
      name: 'behind',
      partitions: [
        { topic: 'busy', partition: 0, end: 9n, committed: 4n },
        { topic: 'busy', partition: 1, end: 3n, committed: 3n },
      ],
    },
    { name: 'beyond', partitions: [{ topic: 'busy', partition: 1, end: 3n, committed: 5n }] },
  ],
  sections: [],
  rocketmq: {
    topics: [],
    brokers: [
      { id: 'broker-a:0', brokerName: 'broker-a', brokerId: 0, address: '10.0.0.1:10911', role: 'master', runtime },
    ],
    disagreements: [{ of: 'broker-config', subject: 'initAuthenticationUser', sides: { 'broker-a:0': 'hunter2' } }],
    groups: [{ name: 'behind', clientVersions: ['V5_3_3'], subscriptionConflicts: [] }],
  },
} as unknown as ClusterSnapshot;

const noDay = {
  range: '6h',
  day: { today: '2026-11-10', yesterday: '2026-11-09', requested: { kind: 'not-requested' } },
} as const;

const view = (served: Parameters<typeof servedCluster>[1] = {}, jobs: readonly JobState[] = []) =>
  clusterView('orders', noDay, {
    clock: systemClock,
    alerts: createAlertLog(),
    gc: { of: () => [] },
    readings: { of: () => undefined, usage: () => ({ bytes: 0, mostBytes: 0 }) },
    policy: examplePolicy(),
    schedule: { states: () => jobs },
    statuses: {
      fleet: () => ({ at: '2026-11-10T12:00:00.000Z', clusters: [] }),
      cluster: (name) => (name === 'orders' ? statusOf(name, { broker: 'rocketmq' }) : undefined),
      promotions: () => [],
    },
    history: {
      entries: () => [],
      entry: () => undefined,
      latest: () => undefined,
      revision: () => 0,
    },
    config: ServiceConfig.parse({}),
    clusters: new Map([['orders', servedCluster('orders', { broker: 'rocketmq', ...served })]]),
  });

const read = () => ({ snapshot, at: new Date('2026-11-10T12:00:00Z') });

test('a broker shows its own counts per day, and nothing for days before it existed', () => {
  expect(view({ last: read })?.brokers).toEqual([
    {
      id: 'broker-a:0',
      address: '10.0.0.1:10911',
      group: 'broker-a',
      role: 'master',
      today: { produced: 50, consumed: 40 },
      yesterday: { produced: 150 },
    },
  ]);
});

test('a broker has the expiry of the certificate at its address, and the page shows it', () => {
  const expiresAtMs = Date.UTC(2027, 0, 15, 8);
  const certificates = [{ address: '10.0.0.1:10911', expiresAtMs, lifetimeSeconds: 86_400 }];
  const shown = view({ last: () => ({ snapshot: { ...snapshot, certificates }, at: new Date() }) });
  expect(shown?.brokers[0]?.certificateExpiresAt).toBe('2027-01-15T08:00:00.000Z');
  const page = renderClusterPage(
    shown as ClusterView,
    createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' }),
  );
  expect(page).toContain('Certificate expires');
  expect(page).toContain('2027-01-15 08:00 UTC');
});

test.each([
  ['kafka', 'Partitions', '4 without a leader: paid, a, b and 1 more; 1 of 7 under-replicated'],
  ['rocketmq', 'Queues', '4 without a master: paid, a, b and 1 more; 1 of 7 under-replicated'],
] as const)('a %s cluster shows which topics cannot be written, and what has too few copies', (broker, term, said) => {
  const partition = (topic: string, inSyncReplicas: readonly string[], over: object = {}) => {
    const [leader] = inSyncReplicas;
    const place = { topic, partition: 0, replicas: ['1', '2'], inSyncReplicas };
    return { ...place, ...(leader !== undefined && { leader }), ...over };
  };
  const topicOf = (...partitions: ReturnType<typeof partition>[]) => {
    const name = partitions[0]?.topic ?? '';
    return { name, internal: name.startsWith('_'), partitions };
  };
  const whole = topicOf(partition('whole', ['1', '2']), partition('whole', ['1'], { unknownReplicas: ['2'] }));
  const lost = ['_own', 'a', 'b'].map((name) => topicOf(partition(name, [])));
  const read = (topics: ClusterSnapshot['topics']) => {
    const snapshotOf = { ...snapshot, cluster: { name: 'orders', kind: broker, brokers: [] }, topics };
    return view({ last: () => ({ snapshot: snapshotOf, at: new Date() }) }) as ClusterView;
  };
  const shown = read([topicOf(partition('paid', []), partition('paid', ['1'])), whole, ...lost]);
  const page = renderClusterPage(
    { ...shown, status: { ...shown.status, broker } },
    createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' }),
  );
  const text = page.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
  expect(text).toContain(`${term} ${said}`);
  expect(read([whole]).partitionFaults).toBeUndefined();
});

test('a firing alert links to its group, or else to its topic', () => {
  const alert = { name: 'ConsumerFarBehind', startMs: 0 };
  const alerts = [{ ...alert, group: 'a/b', topic: 'busy' }, { ...alert, topic: 'busy' }, alert];
  const page = renderClusterPage(
    { ...(view() as ClusterView), alerts },
    createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' }),
  );
  const attention = /id="attention".*?<\/ul>/s.exec(page)?.[0] ?? '';
  expect([...attention.matchAll(/href="([^"]*)"/g)].map(([, path]) => path)).toEqual([
    '/clusters/orders/groups/a%2Fb',
    '/clusters/orders/topics/busy',
  ]);
});

test('the busiest topics come first, and internal topics are left out', () => {
  const traffic = () => ({
    at: new Date(),
    seconds: 15,
    topics: new Map([['busy', { produceTps: 10 }]]),
    brokers: new Map(),
    groups: new Map(),
  });
  const { topics } = view({ last: read, traffic }) ?? {};
  expect([topics?.rows.map(({ name }) => name), topics?.all]).toEqual([['busy', 'quiet'], 2]);
});

test('lag is the sum over committed partitions, and unknown without a commit or with one beyond the end', () => {
  const groups = view({ last: read })?.groups.rows;
  expect(groups?.map(({ name, lag }) => [name, lag])).toEqual([
    ['never', undefined],
    ['behind', 5],
    ['beyond', undefined],
  ]);
  expect(groups?.[1]?.clientVersions).toEqual(['V5_3_3']);
});

test('cluster state, bottleneck, forecast and reserves are refreshed on the page', () => {
  const page = renderClusterPage(
    view() as ClusterView,
    createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' }),
  );
  expect(page).toMatch(/<h1>.* <span data-live="state">/);
  const fixed = fixedParts(page);
  for (const each of ['id="binds"', 'id="ahead"', 'id="headroom"'])
    expect([each, page.includes(each), fixed.includes(each)]).toEqual([each, true, false]);
});

test('the forecast names the promotions that its peak excludes and how the load differs from it, and its table has all points', () => {
  const at = '2026-11-09T12:00:00.000Z';
  const forecast = {
    horizonEndsAt: '2026-11-12T00:00:00.000Z',
    peak: { tps: 900, low: 800, high: 1000, at, confidence: 0.8 },
    points: Array.from({ length: 96 }, () => ({ at, tps: 900 })),
    excluded: ['Double 11'],
    chosen: 'holt-winters-additive',
  };
  const shownIn = (accepted: string) =>
    renderClusterPage(
      {
        ...(view() as ClusterView),
        forecast,
        scaledBy: 1.5,
        evidence: { ...adviceFor(afterLoss.tps), neededTps: 1000 },
      },
      createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted }),
    );
  expect(shownIn('en')).toContain('The forecast leaves out times of Double 11');
  // The peak at the current load leads.
  expect(shownIn('en')).toMatch(
    /The load is 1\.5 times its forecast \(this factor is limited to 0\.5–3\)\. If it remains so, the peak is 1,350 msg\/s at [^<]* The forecast itself, also in the chart:<\/strong>\s*Peak 900 msg\/s/,
  );
  expect(shownIn('zh')).toMatch(/按此推算的峰值为 1,350 条\/秒[^<]*原始预测（图中曲线）：<\/strong>\s*峰值 900 条\/秒/);
  const [, fits = ''] = shownIn('en').split('id="fits"');
  expect(fits).toContain('The current load is 1.5 times it: this maximum must then be 1,500 msg/s.');
  expect(fits).not.toContain('1,350');
  const [, table = ''] = shownIn('en').split('id="course-table"');
  expect(table.slice(0, table.indexOf('</table>')).match(/<tr/g)).toHaveLength(97);
  expect(shownIn('zh')).toContain('不含以下大促的部分或全部时段（历史数据中没有）：Double 11。');
});

test.each([
  [
    'failed',
    { at: new Date('2026-11-10T12:00:00Z'), durationSeconds: 1, failure: 'source prom refused the connection' },
  ],
  ['has not run yet', undefined],
])('a forecast job that %s is not shown as not configured', (_, lastEnd) => {
  const state = { name: 'forecast', cluster: 'orders', isRunning: false, ...(lastEnd && { lastEnd }) };
  const pageOf = (jobs: readonly JobState[]) =>
    renderClusterPage(
      view({}, jobs) as ClusterView,
      createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' }),
    );
  const notConfigured = 'Name the data source and the load query';
  expect(pageOf([])).toContain(notConfigured);
  const page = pageOf([
    state,
    {
      name: 'analysis',
      cluster: 'orders',
      isRunning: false,
      lastEnd: { at: new Date(0), durationSeconds: 1, failure: 'window too short' },
    },
  ]);
  expect(page).not.toContain(notConfigured);
  expect(page).toContain(lastEnd?.failure ?? 'No forecast yet');
  expect(page).toContain('window too short');
});

test("a Chinese page shows the missing forecast's reason in Chinese, and untranslated failures in English", () => {
  const failed = (name: string, failure: string, failureZh?: string): JobState => ({
    name,
    cluster: 'orders',
    isRunning: false,
    lastEnd: { at: new Date(0), durationSeconds: 1, failure, ...(failureZh && { failureZh }) },
  });
  const [reason, reasonZh] = ['no forecast: the history has 2 readings', '历史数据只有 2 个读数'];
  const jobs = [failed('forecast', reason, reasonZh), failed('analysis', 'window too short')];
  const pageIn = (accepted: string) =>
    renderClusterPage(
      view({}, jobs) as ClusterView,
      createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted }),
    );
  const page = pageIn('zh');
  expect(page).toContain(reasonZh);
  expect(page).not.toContain(reason);
  expect(page).toContain('<span lang="en">window too short</span>');
  expect(pageIn('en')).toContain(reason);
});

test('the first card names the limit, and is green only below a known safe maximum', () => {
  const pageOf = (over: Partial<ClusterView['status']>) => {
    const content = view() as ClusterView;
    return renderClusterPage(
      { ...content, status: { ...content.status, ...over } },
      createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' }),
    );
  };
  const kindOf = (page: string) => /<section class="card ([^"]*)">\s*<h2>\s*Safe maximum/.exec(page)?.[1];
  const { safeMaxTps } = measuredOrders;
  expect(kindOf(pageOf({}))).toBe('');
  expect(kindOf(pageOf({ safeMaxTps, headroom: 0.2 }))).toBe('safe');
  const over = pageOf({ safeMaxTps, headroom: -0.08, state: 'over' });
  expect(kindOf(over)).toBe('');
  expect(over).toContain('Limited by: <bdi>network-out of broker-a:0</bdi>');
});

test('secret values are not shown where brokers differ in them', () => {
  expect(view({ last: read })?.differences).toEqual([
    { subject: 'initAuthenticationUser', sides: { 'broker-a:0': '(hidden)' } },
  ]);
});

test('a cluster without a reading has a page, and an unconfigured cluster has none', () => {
  expect(view()).toMatchObject({ brokers: [], topics: { all: 0 }, differences: [] });
  expect(clusterView('nobody', noDay, { statuses: { cluster: () => undefined }, clusters: new Map() } as never)).toBe(
    undefined,
  );
});

test.each([
  [
    'en',
    /New topics \(last 24 h\) without committed offsets order-returned \(2,359 msg\/s\) GC logs Critical: 2, Warning: 1 /,
  ],
  ['zh', /最近 24 小时新增且没有消费位点的 Topic order-returned ?（2,359 条\/秒） GC 日志 严重：2、警告：1 /],
] as const)('in %s, a new topic that nobody consumes and findings in GC logs are at the top', async (lang, text) => {
  await using served = await serveFleet(ServiceConfig.parse({}));
  const shown = async (cluster: string) => {
    const response = await fetch(new URL(`/clusters/${cluster}?lang=${lang}`, served.url));
    return (await response.text())
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/ (?=[，、])/g, '');
  };
  expect(await shown('orders')).toMatch(text);
  expect(await shown('logs')).not.toMatch(/GC logs Critical|GC 日志 严重/);
});

test.each([
  [{ committed: [0, 1], assigned: [] }, []],
  [{ committed: [], assigned: [] }, ['order-returned']],
  [{ committed: [], assigned: [0, 1] }, ['order-returned']],
])('a new topic with columns of commits %j leaves as topics without consumers %j', ({ committed, assigned }, left) => {
  const fleet = shownFleet();
  const served = fleet.clusters.get('orders') ?? expect.fail('no cluster');
  const { snapshot: before, ...read } = served.last() ?? expect.fail('no reading');
  const topic = 'order-returned';
  const ends = new Map([[topic, new Map([0, 1].map((partition) => [partition, { topic, partition, end: 9n }]))]]);
  const offsets = BigInt64Array.from(committed, () => 3n);
  const columns = {
    committed: committed.length === 0 ? [] : [{ topic, partitions: Int32Array.from(committed), offsets }],
    assigned: assigned.length === 0 ? [] : [{ topic, partitions: assigned }],
  };
  const groups = [
    ...before.groups,
    { ...(before.groups[0] ?? expect.fail('no group')), partitions: lagsOf(columns, ends) },
  ];
  const clusters = new Map([['orders', { ...served, last: () => ({ ...read, snapshot: { ...before, groups } }) }]]);
  const history = { entries: () => [], entry: () => undefined, latest: () => undefined, revision: () => 0 };
  const shown = clusterView('orders', noDay, {
    ...fleet,
    clusters,
    history,
    alerts: createAlertLog(),
    config: ServiceConfig.parse({}),
  });
  expect(shown?.unconsumed.map(({ name }) => name)).toEqual(left);
});

test('the cards of a cluster with lost brokers have the colour of the headroom of the others', () => {
  const shown = view() as ClusterView;
  const cards = (over: Partial<ClusterView['status']>) => {
    const headroom = { safeMaxTps: measuredOrders.safeMaxTps, headroom: 0.3, brokersExpected: 3, ...over };
    const page = renderClusterPage(
      { ...shown, status: { ...shown.status, ...headroom } },
      createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' }),
    );
    return [...page.matchAll(/class="card ([a-z]*)"/g)].map(([, kind]) => kind).toSpliced(1, 1);
  };
  expect(cards({ brokers: 3 }).slice(0, 2)).toEqual(['safe', 'safe']);
  expect(cards({ brokers: 2 }).slice(0, 2)).toEqual(['', '']);
  expect(cards({ brokers: 2, answering: { tps: 100, headroom: 0.1 } }).slice(0, 2)).toEqual(['safe', 'safe']);
  expect(cards({ brokers: 2, answering: { tps: 100, headroom: -0.1 } }).slice(0, 2)).toEqual(['', 'full']);
  // All sends are rejected.
  expect(cards({ brokers: 2, answering: { tps: 0 } }).slice(0, 2)).toEqual(['', 'full']);
  // The last reading is from before they stopped.
  const now = { produceTps: 100, at: '2026-11-11T00:00:00.000Z', source: 'exporter', isOld: true as const };
  expect(cards({ state: 'down', brokers: 0, now }).slice(0, 2)).toEqual(['', '']);
  // No current reading.
  expect(cards({ brokers: 2, headroom: undefined, answering: { tps: 100 } }).slice(0, 2)).toEqual(['', '']);
});
