import { expect, test } from 'vitest';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';
import { awaitCopied, openAgain } from '../../../../ops/rocketmq/switch/steps.ts';
import type { SwitchFacts } from '../../../../ops/rocketmq/switch/facts.ts';
import { planSwitch } from '../../../../ops/rocketmq/switch/switch.ts';

const [master, slave] = ['a:10911', 'b:10911'];
const io = { signal: new AbortController().signal };
const facts: SwitchFacts = {
  brokerName: 'broker-a',
  members: [],
  master,
  slave,
  slaveId: 1,
  role: 'ASYNC_MASTER',
  topics: ['orders'],
  names: [],
  quietSeconds: 5,
  quietAt: '2026-11-21T00:00:00.000Z',
};
const topic = (name: string, queues = 2) => ({ name, readQueues: queues, writeQueues: queues });

const commitsOf = (offset: bigint) => [{ topic: 'orders', group: 'readers', byQueue: new Map([[0, offset]]) }];

interface Copied {
  topics: ReturnType<typeof topic>[];
  groups: string[];
}

function copying(copied: Copied, commits = { master: 0n, slave: 0n }) {
  const desk = {
    commits: async (address: string) => commitsOf(address === master ? commits.master : commits.slave),
    runtime: async () => new Map([['commitLogMaxOffset', '1000']]),
    topics: async (address: string) =>
      address === master ? [topic('orders'), topic('%RETRY%readers', 1)] : copied.topics,
    groups: async (address: string) => (address === master ? ['readers'] : copied.groups).map((name) => ({ name })),
  };
  const clock = { now: () => new Date('2026-11-21T00:01:00.000Z') };
  const step = awaitCopied(facts, { desk, clock } as never);
  return () => step.run(io);
}

const look = (...given: Parameters<typeof copying>) => copying(...given)();

test('a slave with the whole log but without a topic of its master is not ready to lead', async () => {
  const lacking = { topics: [topic('%RETRY%readers', 1)], groups: [] };
  expect(await look(lacking)).toMatchObject({
    kind: 'held',
    holds: [{ what: 'b:10911 does not have topic orders, group readers yet' }],
  });
});

test('a slave with another number of queues is not ready to lead', async () => {
  const other = { topics: [topic('orders', 4), topic('%RETRY%readers', 1)], groups: ['readers'] };
  expect(await look(other)).toMatchObject({ kind: 'held', holds: [{ what: expect.stringContaining('topic orders') }] });
});

test('a slave with all topics and groups is ready to lead', async () => {
  const same = { topics: [topic('orders'), topic('%RETRY%readers', 1)], groups: ['readers', 'another'] };
  expect(await look(same)).toMatchObject({ kind: 'done' });
});

test('a slave with older commits than its master is not ready, because groups would read messages again', async () => {
  const commits = { master: 700n, slave: 90n };
  const run = copying({ topics: [topic('orders'), topic('%RETRY%readers', 1)], groups: ['readers'] }, commits);
  expect(await run()).toMatchObject({
    kind: 'held',
    holds: [{ what: 'b:10911 has older commits than a:10911: group readers in orders' }],
  });
  // The slave copies them every 10 s, and meanwhile consumers go on.
  Object.assign(commits, { master: 900n, slave: 700n });
  expect(await run()).toMatchObject({ kind: 'done' });
  // Offsets that an operator reset are older, and right.
  Object.assign(commits, { master: 5n, slave: 5n });
  expect(await run()).toMatchObject({ kind: 'done' });
});

test('restores the permission of a further slave', async () => {
  const set: string[] = [];
  const members = [master, slave, 'c:10911'].map((address, brokerId) => ({ brokerId, address, permission: 6 }));
  const desk = {
    namesrv: [],
    set: async (address: string, { brokerPermission }: { brokerPermission: string }) =>
      void set.push(`${address} ${brokerPermission}`),
    topics: async () => [],
  };
  await openAgain({ ...facts, members }, { desk } as never).run(io);
  expect(set).toEqual(['c:10911 6', 'b:10911 6']);
});

test('a plan names topics that no other master serves during the switch, and ordered topics whose keys move', async () => {
  const [leading, other] = [fakeBroker('broker-b'), fakeBroker('broker-a')];
  const follower = fakeBroker('broker-b', { brokerId: 1 });
  // Routes go by topic: producers send to all masters that have it, also to those of another cluster.
  other.settings.set('brokerClusterName', 'finance');
  const cluster = fakeCluster({ 'a:1': other, 'b:1': leading, 'b:2': follower });
  const findingsNow = async () => {
    const { findings } = await planSwitch(cluster.desk, { brokerName: 'broker-b', quietSeconds: 5 }, io);
    for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
    return findings.map(({ code, message }) => [code, /(?:topics|keys of) (\S+?):? /.exec(message)?.[1]]);
  };
  expect(await findingsNow()).toEqual([]);
  for (const { topics } of [leading, other]) topics.set('paid', topicOf('paid', { order: true }));
  leading.topics.set('alone', topicOf('alone'));
  expect(await findingsNow()).toEqual([
    ['sends-refused', 'alone'],
    ['order-moves', 'paid'],
  ]);
  cluster.brokers.delete('a:1');
  expect((await findingsNow()).map(([code]) => code)).toEqual(['only-group']);
});

test('a plan is refused while queues of a static topic are mapped to the broker, because clients still write to them', async () => {
  const follower = fakeBroker('broker-b', { brokerId: 1 });
  const brokers = { 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b'), 'b:2': follower };
  for (const each of Object.values(brokers)) each.topics.set('ledgers', topicOf('ledgers', { isStatic: true }));
  const { findings } = await planSwitch(fakeCluster(brokers).desk, { brokerName: 'broker-b', quietSeconds: 5 }, io);
  expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['critical static-topic']);
});

test.each<[Record<string, string>, string, RegExp]>([
  [
    { enableControllerMode: 'true', controllerAddr: 'c:9878;d:9878', brokerClusterName: 'pay & go' },
    'a controller',
    /`mqadmin electMaster -a c:9878 -c 'pay & go' -bn broker-b -b 2` makes b:2 the master.*brokerPermission=4.*haStatus -b b:1`/,
  ],
  [{ enableDLegerCommitLog: 'true' }, 'DLedger', /^while all members run, stop b:1: one/],
])('an elected master is moved by other commands: %j', async (settings, by, hint) => {
  const leader = fakeBroker('broker-b');
  for (const [key, value] of Object.entries(settings)) leader.settings.set(key, value);
  const { desk } = fakeCluster({ 'b:1': leader, 'b:2': fakeBroker('broker-b', { brokerId: 2 }) });
  await expect(planSwitch(desk, { brokerName: 'broker-b', quietSeconds: 5 }, io)).rejects.toMatchObject({
    code: 'usage',
    message: `the master of broker-b is elected by ${by}, so its role is not in broker.conf`,
    hint: expect.stringMatching(hint),
  });
});
