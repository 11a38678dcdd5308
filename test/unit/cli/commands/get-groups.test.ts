import { afterEach, expect, test, vi } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { drivers } from '../../../../brokers/registry.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../../../brokers/snapshot.ts';
import { AppError } from '../../../../core/errors.ts';
import { runWords } from '../../../support/run-words.ts';

afterEach(() => {
  vi.restoreAllMocks();
  snapshot.sections = [];
  snapshot.offsets = [];
  snapshot.groups = [whole, inPart];
  members = async () => ({ members: [], notices: [] });
});

const read = { topic: 'orders', partition: 0, committed: 40n, end: 100n };
const whole: GroupSnapshot = { name: 'shipping', state: 'Stable', partitions: [{ ...read, committed: 90n }] };
/** Partition 1 of orders, and all of refunds, have no leader: Kafka still reports the commits there. */
const inPart: GroupSnapshot = {
  name: 'billing',
  state: 'Stable',
  partitions: [read],
  withoutEnd: new Map([
    ['orders', [{ partition: 1, committed: 9n }]],
    ['refunds', [{ partition: 0, committed: 2n }]],
  ]),
};
const snapshot: ClusterSnapshot = {
  cluster: { name: 'kafka', kind: 'kafka', brokers: [{ id: '1', address: '192.0.2.1:9092' }] },
  topics: [],
  offsets: [],
  groups: [whole, inPart],
  sections: [],
};
let members: ClusterLookup['members'] = async () => ({ members: [], notices: [] });
const notice = 'lag of 1 group unknown, because partition ends were not read or are below commits: billing';

const inspector: ClusterInspector = {
  describe: async () => snapshot.cluster,
  snapshot: async () => snapshot,
  async [Symbol.asyncDispose]() {},
};
const lookup: Partial<ClusterLookup> = {
  members: (...question) => members(...question),
  topicSizes: async () => ({ kind: 'unanswered', reason: 'not read' }),
  async [Symbol.asyncDispose]() {},
};

function run(...words: string[]) {
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue(inspector);
  vi.spyOn(drivers.kafka, 'lookUp').mockResolvedValue(lookup as ClusterLookup);
  return runWords(...words, '--bootstrap', '192.0.2.1:9092');
}

test('the lag of a group is unknown while the end of a partition is unknown', async () => {
  const { groups, notices } = JSON.parse((await run('get', 'groups', '--json')).stdout) as Record<string, unknown>;
  expect(groups).toEqual([
    { name: 'shipping', state: 'Stable', lag: 10, topics: ['orders'] },
    { name: 'billing', state: 'Stable', topics: ['orders', 'refunds'] },
  ]);
  expect(notices).toEqual([notice]);
});

test('a group lists its commits in partitions whose end is unknown', async () => {
  const { stdout } = await run('get', 'group', 'billing', '--json');
  const { group, partitions, notices } = JSON.parse(stdout) as Record<string, unknown>;
  expect(group).not.toHaveProperty('lag');
  expect(partitions).toEqual([
    { topic: 'orders', queue: '0', committed: 40, end: 100, lag: 60, members: [] },
    { topic: 'orders', queue: '1', committed: 9, members: [] },
    { topic: 'refunds', queue: '0', committed: 2, members: [] },
  ]);
  expect(notices).toEqual([notice]);
  const table = await run('get', 'group', 'billing');
  expect(table.stdout).toMatch(/^billing \(Stable\): lag unknown$/m);
  expect(table.stdout).toMatch(/^orders +1 +9 +- +- +-$/m);
  expect(table.stderr).toContain(`note: ${notice}`);
});

test('a group shows how many messages of its lag retention deleted', async () => {
  snapshot.groups = [{ ...whole, partitions: [{ ...read, start: 75n }] }];
  const { stdout } = await run('get', 'group', 'shipping');
  expect(stdout).toMatch(/^shipping \(Stable\): lag 60 messages, 35 of them deleted before consumed$/m);
});

test('the lag is unknown if a topic was re-created and the group committed beyond its end', async () => {
  snapshot.groups = [{ ...whole, partitions: [read, { ...read, partition: 1, committed: 140n }] }];
  const { stdout, stderr } = await run('get', 'group', 'shipping');
  expect(stdout).toMatch(/^shipping \(Stable\): lag unknown$/m);
  expect(stdout).toMatch(/^orders +1 +140 +100 +- +-$/m);
  expect(stderr).toContain('below commits: shipping');
  const { groups } = JSON.parse((await run('get', 'groups', '--json')).stdout) as { groups: object[] };
  expect(groups).toEqual([{ name: 'shipping', state: 'Stable', topics: ['orders'] }]);
});

test('a group lists partitions without its commits in topics with commits', async () => {
  const offsets = [0, 1].map((partition) => ({ topic: 'orders', partition, start: 0n, end: 100n }));
  snapshot.offsets = [...offsets, { topic: 'refunds', partition: 0, start: 0n, end: 5n }];
  const { stdout } = await run('get', 'group', 'shipping');
  expect(stdout).toMatch(/^shipping \(Stable\): lag 10 messages \(\+1 partition without a commit\)$/m);
  expect(stdout).toMatch(/^orders +1 +never +100 +- +-$/m);
  expect(stdout).not.toContain('refunds');
});

test('counts partitions with messages and without a commit beside the lag', async () => {
  const ends = [100n, 100n, 7n, 0n];
  snapshot.offsets = ends.map((end, partition) => ({ topic: 'orders', partition, start: 0n, end }));
  const listed = await run('get', 'groups');
  expect(listed.stdout).toMatch(/^shipping .* 10 \(\+2 partitions without a commit\) +orders$/m);
  const { groups } = JSON.parse((await run('get', 'groups', '--json')).stdout) as { groups: object[] };
  expect(groups).toContainEqual({ name: 'shipping', state: 'Stable', lag: 10, uncommitted: 2, topics: ['orders'] });
  // It has commits in partitions 0 and 1.
  expect(groups).toContainEqual(expect.objectContaining({ name: 'billing', uncommitted: 1 }));
  const { group } = JSON.parse((await run('get', 'group', 'shipping', '--json')).stdout) as { group: object };
  expect(group).toMatchObject({ lag: 10, uncommitted: 2 });
});

test('sentences in the hint about an unknown group are complete', async () => {
  const { exitCode, stderr } = await run('get', 'group', 'zzzzzzzzzzzz');
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('`plimsoll get groups` lists its groups. Kafka hides a group from a user'),
  ]);
});

test('the hint about an unknown group of RocketMQ does not mention Kafka permissions', async () => {
  vi.spyOn(drivers.rocketmq, 'inspect').mockResolvedValue(inspector);
  vi.spyOn(drivers.rocketmq, 'lookUp').mockResolvedValue(lookup as ClusterLookup);
  const { exitCode, stderr } = await runWords('get', 'group', 'zzzzzzzzzzzz', '--namesrv', '192.0.2.1:9876');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('`plimsoll get groups` lists its groups')]);
  expect(stderr).not.toContain('Kafka');
});

test.each(['group', 'topic'])('a %s is not reported as missing while some were not read', async (what) => {
  const section = what === 'group' ? 'groups' : 'topics';
  snapshot.sections = [{ section, broker: '1', kind: 'missing', reason: 'no answer before the deadline' }];
  const { exitCode, stderr } = await run('get', what, 'refunds');
  const gap = `${section} of 1: not read: no answer before the deadline`;
  expect([exitCode, stderr]).toEqual([
    5,
    expect.stringMatching(new RegExp(`${what} refunds of cluster .* is not among those that were read: ${gap}`)),
  ]);
  expect(stderr).toContain('run the command again when the parts named here can be read');
});

test('shows a group although its members cannot be read', async () => {
  members = () => Promise.reject(new AppError('broker-unreachable', 'cannot reach 192.0.2.1:9092'));
  const { exitCode, stdout, stderr } = await run('get', 'group', 'shipping');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^shipping \(Stable\): lag 10 messages$/m);
  expect(stdout).toContain('no member was read\n');
  expect(stderr).toContain('note: cannot reach 192.0.2.1:9092');
});

test('the lag of a group is a lower bound while a broker does not report commits', async () => {
  snapshot.sections = [
    { section: 'commits', broker: 'broker-a:0', kind: 'fresh' },
    { section: 'commits', broker: 'broker-b:0', kind: 'missing', reason: 'no answer' },
  ];
  const atLeast = /^shipping \(Stable\): lag at least 10 messages$/m;
  // A coordinator of Kafka reports all commits of its groups.
  expect((await run('get', 'group', 'shipping')).stdout).not.toMatch(atLeast);
  const { kind } = snapshot.cluster;
  snapshot.cluster.kind = 'rocketmq';
  const { stdout, stderr } = await run('get', 'group', 'shipping');
  expect(stdout).toMatch(atLeast);
  expect(stderr).toContain('commits of broker-b:0: not read');
  expect((await run('get', 'groups')).stdout).toMatch(/^shipping +Stable .* at least 10 +orders$/m);
  snapshot.sections = [...snapshot.sections, { section: 'commits', broker: 'broker-b:1', kind: 'fresh' }];
  expect((await run('get', 'group', 'shipping')).stdout).not.toMatch(atLeast);
  snapshot.cluster.kind = kind;
});

test('the messages of a topic are a lower bound while a broker does not report its queues', async () => {
  const { kind, brokers } = snapshot.cluster;
  Object.assign(snapshot.cluster, { kind: 'rocketmq', brokers: [{ id: 'broker-a:0', address: '192.0.2.1:10911' }] });
  snapshot.topics = [
    {
      name: 'orders',
      internal: false,
      partitions: [
        { topic: 'orders', partition: 0, leader: 'broker-a:0', replicas: ['broker-a:0'], inSyncReplicas: [] },
      ],
    },
  ];
  snapshot.offsets = [{ topic: 'orders', partition: 0, start: 10n, end: 110n }];
  const cells = async () => /^orders +(.*)$/m.exec((await run('get', 'topics')).stdout)?.[1]?.split(/ {2,}/);
  snapshot.sections = [{ section: 'offsets', broker: 'broker-a:0', kind: 'fresh' }];
  expect(await cells()).toEqual(['1', '1', '0', '100', '-', '2']);
  snapshot.sections = [...snapshot.sections, { section: 'offsets', broker: 'broker-b:0', kind: 'missing' }];
  expect(await cells()).toEqual(['at least 1', '1', '0', 'at least 100', '-', '2']);
  snapshot.topics = [];
  Object.assign(snapshot.cluster, { kind, brokers });
});
