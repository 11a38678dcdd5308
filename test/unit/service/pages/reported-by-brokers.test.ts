import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../analyzer/evidence/sources/config.ts';
import type { ClusterLookup, GroupMembers, Settings } from '../../../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { renderBrokerPage } from '../../../../dashboards/web/cluster/broker-page.ts';
import { renderGroupPage } from '../../../../dashboards/web/cluster/group-page.ts';
import { renderProducersPage } from '../../../../dashboards/web/cluster/producers-page.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createLookups } from '../../../../service/clusters/lookups.ts';
import { brokerContent } from '../../../../service/pages/broker.ts';
import { groupContent } from '../../../../service/pages/group.ts';
import { producersAnswer, softwareAnswer } from '../../../../service/pages/producers.ts';
import { settingsAnswer } from '../../../../service/pages/settings.ts';
import { topicContent } from '../../../../service/pages/cluster-lists.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startScriptedHttp } from '../../../support/scripted-http.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { hostileName } from '../../../support/shown-fleet.ts';

const snapshot = {
  cluster: {
    name: 'orders',
    kind: 'kafka',
    brokers: [
      { id: '1', address: 'k1:9092' },
      { id: '2', address: 'k2:9092' },
    ],
  },
  topics: [
    {
      name: 'paid',
      internal: false,
      partitions: [
        { topic: 'paid', partition: 1, replicas: ['1', '2'], inSyncReplicas: ['1'] },
        { topic: 'paid', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
      ],
    },
  ],
  offsets: [{ topic: 'paid', partition: 0, start: 4n, end: 9_007_199_254_740_993n }],
  groups: [
    {
      name: hostileName,
      state: 'Stable',
      partitions: [
        { topic: 'paid', partition: 0, end: 10n, committed: 4n },
        { topic: 'paid', partition: 1, end: 10n },
      ],
    },
  ],
  sections: [
    { section: 'offsets', broker: '1', kind: 'fresh', ageSeconds: 0 },
    { section: 'offsets', broker: '2', kind: 'missing', reason: 'no answer before the deadline' },
    { section: 'log-dirs', broker: '2', kind: 'skipped' },
  ],
  kafka: {
    logDirectories: [{ broker: '1', path: '/var/kafka', totalBytes: 100n, usableBytes: 40n, isCordoned: true }],
    topicSizes: [],
    topicConfigs: [{ topic: 'paid', minInSyncReplicas: 2 }],
    zooKeeper: [],
    internals: [],
  },
} as unknown as ClusterSnapshot;

const members: GroupMembers = {
  assignor: 'range',
  members: [
    {
      id: 'client-1-uuid',
      clientId: hostileName,
      address: '10.0.0.7',
      subscriptions: { paid: '*', hidden: '*' },
      assigned: [
        { topic: 'paid', partition: 0 },
        { topic: 'hidden', partition: 0 },
      ],
    },
  ],
  notices: ['Kafka does not report the client versions of group members'],
};

const settings: Settings = {
  processes: [
    {
      of: 'broker',
      id: '1',
      values: new Map([
        ['num.io.threads', '8'],
        ['sasl.jaas.config', 'hunter2'],
      ]),
    },
    { of: 'broker', id: '2', values: new Map([['num.io.threads', '16']]) },
  ],
  differences: [
    { of: 'broker', setting: 'num.io.threads', sides: { 1: '8', 2: '16' } },
    { of: 'broker', setting: 'innerClientAuthenticationCredentials', sides: { 1: 'hunter2', 2: 'hunter3' } },
  ],
  notices: [],
};

function served(over: Partial<ClusterLookup> = {}) {
  const asked: string[] = [];
  const lookup = {
    members: async (group: string) => {
      asked.push(group);
      return members;
    },
    settings: async () => settings,
    [Symbol.asyncDispose]: async () => {},
    ...over,
  } as unknown as ClusterLookup;
  const cluster = servedCluster('orders', {
    shown: { topics: { deny: ['hidden'] }, groups: { deny: [] } },
    last: () => ({ snapshot, at: new Date(0) }),
    lookUp: async () => lookup,
  });
  return { cluster, asked, lookups: createLookups(createHandClock()) };
}

const view = (language: string) =>
  createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(`lang=${language}`), accepted: 'en' });

test('a group has its members without topics that the config excludes, and its lag by topic', async () => {
  const { cluster, lookups } = served();
  const content = await groupContent(cluster, hostileName, lookups);
  expect(content).toMatchObject({
    topics: [{ topic: 'paid', partitions: 2, committed: 1, lag: 6 }],
    answer: { kind: 'answered', value: { members: [{ reads: { paid: 1 }, subscriptions: { paid: '*' } }], more: 0 } },
  });
  expect(JSON.stringify(content)).not.toContain('hidden');
});

test('a member that reads topics with the names of object properties has their number of partitions', async () => {
  const [member] = members.members;
  const assigned = ['constructor', 'constructor', '__proto__'].map((topic, partition) => ({ topic, partition }));
  const lookup = { members: async () => ({ ...members, members: member ? [{ ...member, assigned }] : [] }) };
  const { cluster, lookups } = served(lookup);
  const content = await groupContent(cluster, hostileName, lookups);
  const [row] = content?.answer.kind === 'answered' ? content.answer.value.members : [];
  expect(Object.entries(row?.reads ?? {})).toEqual([
    ['constructor', 2],
    ['__proto__', 1],
  ]);
});

test('an unknown group sends no request to brokers', async () => {
  const { cluster, asked, lookups } = served();
  expect(await groupContent(cluster, 'made-up', lookups)).toBe(undefined);
  expect(asked).toEqual([]);
});

test.each(['en', 'zh'])(
  'hostile names are escaped in %s, and values that Kafka does not report are shown as text',
  async (language) => {
    const { cluster, lookups } = served();
    const content = await groupContent(cluster, hostileName, lookups);
    const page = content === undefined ? '' : renderGroupPage(content, view(language));
    expect(page).not.toContain('<script>alert');
    expect(page).toContain(language === 'en' ? 'not reported by the broker' : 'Broker 不提供');
  },
);

test('a group whose members could not be read is not shown as a group without members', async () => {
  const unread: GroupMembers = { members: [], notices: ['cannot reach k2:9092'] };
  const { cluster, lookups } = served({ members: async () => unread });
  const content = await groupContent(cluster, hostileName, lookups);
  const page = content === undefined ? '' : renderGroupPage(content, view('en'));
  expect(page).toContain('cannot reach k2:9092');
  expect(page).not.toContain('No members');
});

test('if no broker answers, the page of a group has everything but its members', async () => {
  const { cluster, lookups } = served({ members: () => Promise.reject(new Error('connection reset')) });
  const content = await groupContent(cluster, hostileName, lookups);
  expect(content).toMatchObject({ group: { lag: 6 }, answer: { kind: 'unanswered', reason: 'connection reset' } });
  expect(content && renderGroupPage(content, view('en'))).toContain('connection reset');
});

test('settings that differ are grouped by value, and no secret is among them', () => {
  const answer = settingsAnswer(settings);
  expect(answer.differences[0]).toEqual({
    setting: 'num.io.threads',
    values: [
      { value: '8', by: ['1'] },
      { value: '16', by: ['2'] },
    ],
  });
  expect(JSON.stringify(answer)).not.toContain('hunter');
});

test('the page of an unreachable broker shows that, and the settings that differ from other brokers', async () => {
  const { cluster, lookups } = served();
  const [one, two] = await Promise.all([brokerContent(cluster, '1', lookups), brokerContent(cluster, '2', lookups)]);
  expect([one?.broker.answers, two?.broker.answers]).toEqual([true, false]);
  expect(one?.logDirectories).toEqual([{ path: '/var/kafka', totalBytes: 100, usableBytes: 40, isCordoned: true }]);
  expect(one && renderBrokerPage(one, view('en'))).toContain('cordoned: gets no new replicas');
  const page = two === undefined ? '' : renderBrokerPage(two, view('en'));
  expect(page).toContain('does not answer');
  expect(page).toContain('num.io.threads');
  expect(page).not.toContain('hunter');
  expect(await brokerContent(cluster, '3', lookups)).toBe(undefined);
  const silent = served({ settings: async () => ({ processes: [], differences: [], notices: ['2 did not answer'] }) });
  const unread = await brokerContent(silent.cluster, '2', silent.lookups);
  const text = unread === undefined ? '' : renderBrokerPage(unread, view('en'));
  expect(text).toContain('2 did not answer');
  expect(text).not.toContain('No configuration drift');
});

test('Kafka producers are not requested, and RocketMQ producers have one row per client of a group', async () => {
  const { cluster, lookups } = served({
    producers: async () => ({
      kind: 'answered',
      value: {
        producers: [
          { group: 'shop', broker: 'a:0', clientId: 'c1', address: '10.0.0.9:1', version: 'V5_3_3' },
          { group: 'shop', broker: 'b:0', clientId: 'c1', address: '10.0.0.9:2', version: 'V5_3_3' },
        ],
        notices: [],
      },
    }),
  });
  const query = { q: '', sort: 'name', page: 1 } as const;
  expect(await producersAnswer(cluster, query, lookups)).toEqual({ kind: 'not-kept' });
  expect(await producersAnswer({ ...cluster, broker: 'rocketmq' }, query, lookups)).toMatchObject({
    value: { page: { rows: [{ group: 'shop', clientId: 'c1', brokers: ['a:0', 'b:0'] }] } },
  });
});

test('a topic has its partitions in order, exact offsets, and its consumer groups', () => {
  const content = topicContent(served().cluster, 'paid', new URLSearchParams());
  expect(content?.partitions.rows).toEqual([
    { partition: 0, leader: '1', replicas: 2, inSync: 2, behind: [], start: 4n, end: 9_007_199_254_740_993n },
    { partition: 1, replicas: 2, inSync: 1, behind: ['2'] },
  ]);
  expect(content?.groups).toMatchObject([{ name: hostileName, lag: 6 }]);
  expect(content?.settings).toEqual([['min.insync.replicas', '2']]);
});

test('Kafka client versions come from Prometheus, for this cluster only', async () => {
  const labels = (name: string, version: string, cluster: string) => ({
    clientSoftwareName: name,
    clientSoftwareVersion: version,
    cluster,
  });
  const result = [
    { metric: labels('apache-kafka-java', '3.6.1', 'orders'), value: [0, '4'] },
    { metric: labels(hostileName, '2.3.0', 'orders'), value: [0, '9'] },
    { metric: labels('librdkafka', '2.3.0', 'other'), value: [0, '99'] },
  ];
  const answer = JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  await using server = await startScriptedHttp((_, response) => void response.end(answer));
  const { cluster, lookups } = served();
  const config = PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url });
  const known = { ...cluster, source: { name: 'prom', config, cluster: 'orders' } };
  const software = await softwareAnswer(known, lookups);
  expect(software).toMatchObject({
    kind: 'answered',
    value: {
      rows: [
        { name: hostileName, connections: 9 },
        { name: 'apache-kafka-java', version: '3.6.1', connections: 4 },
      ],
    },
  });
  const query = { q: '', sort: 'name', page: 1 } as const;
  const page = renderProducersPage(
    { cluster: 'orders', query, answer: { kind: 'not-kept' }, ...(software && { software }) },
    view('en'),
  );
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('3.6.1');
  expect(await softwareAnswer(cluster, lookups)).toBe(undefined);
});
