import { describe, expect, test } from 'vitest';
import type { ClusterSnapshot, GroupSnapshot, Section } from '../../../../brokers/snapshot.ts';
import { kafkaBlockers, findRefusedSends } from '../../../../ops/instances/kafka-gate.ts';
import { lagsOf } from '../../../../ops/instances/lag-gate.ts';
import { parseLocks } from '../../../../ops/instances/locked-directories.ts';
import { rocketmqBlockers } from '../../../../ops/instances/rocketmq-gate.ts';

const brokers = ['1', '2', '3'];

function kafka({
  inSync = brokers,
  leader = '1',
  lag = 0n,
  ids = brokers,
}: { inSync?: string[]; leader?: string; lag?: bigint; ids?: string[] } = {}): ClusterSnapshot {
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: ids.map((id) => ({ id, address: `10.0.0.${id}:9092` })) },
    topics: [
      {
        name: 'paid',
        internal: false,
        partitions: [
          { topic: 'paid', partition: 0, replicas: brokers, inSyncReplicas: inSync, ...(leader !== '' && { leader }) },
        ],
      },
    ],
    offsets: [],
    groups: [{ name: 'billing', partitions: [{ topic: 'paid', partition: 0, end: 5000n, committed: 5000n - lag }] }],
    sections: [],
  };
}
const blockers = (snapshot: ClusterSnapshot) =>
  kafkaBlockers({ brokers, lags: { billing: 100 } }, snapshot).map(({ what }) => what);

test('a cluster in its former state lets the next broker restart', () => expect(blockers(kafka())).toEqual([]));

test('a missing broker, an under-replicated partition and one without a leader hold a rolling restart', () => {
  expect(blockers(kafka({ ids: ['1', '2'] }))).toEqual(['not in the cluster: broker 3']);
  expect(blockers(kafka({ inSync: ['1', '2'] }))).toEqual(['under-replicated partitions, 1: paid-0']);
  expect(blockers(kafka({ leader: '', inSync: [] }))).toEqual(['partitions without a leader, 1: paid-0']);
});

describe('controllers', () => {
  const details = { logDirectories: [], topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
  const caughtUp = 1_700_000_000_000;
  const voter = (id: string, lastCaughtUpMs?: number, logEnd = 900n) => ({
    id,
    logEnd,
    ...(lastCaughtUpMs !== undefined && { lastCaughtUpMs }),
  });
  const quorum = { leader: '101', epoch: 3, highWatermark: 900n, observers: [] };
  const led = (...others: ReturnType<typeof voter>[]): ClusterSnapshot => ({
    ...kafka(),
    kafka: {
      ...details,
      quorum: { ...quorum, voters: [voter('101', caughtUp), ...others] },
    },
  });

  test('controllers that follow the leader let the next one restart', () =>
    expect(blockers(led(voter('102', caughtUp - 500), voter('103', caughtUp)))).toEqual([]));

  test('controllers that lag, or never fetched from the elected leader, hold the restart', () => {
    const blocked = (id: string) => [`controllers lagging behind the quorum: ${id}`];
    expect(blockers(led(voter('102', caughtUp - 10_001), voter('103', caughtUp)))).toEqual(blocked('102'));
    expect(blockers(led(voter('102', caughtUp), voter('103')))).toEqual(blocked('103'));
  });

  test('controllers are judged by their log ends if Kafka reports no times', () => {
    const timeless = (...others: ReturnType<typeof voter>[]): ClusterSnapshot => {
      const voters = [voter('101'), ...others];
      return { ...kafka(), kafka: { ...details, quorum: { ...quorum, voters } } };
    };
    expect(blockers(timeless(voter('102'), voter('103')))).toEqual([]);
    expect(blockers(timeless(voter('102'), voter('103', undefined, 12n)))).toEqual([
      'controllers lagging behind the quorum: 103',
    ]);
  });

  test('a quorum that cannot be read holds the restart', () => {
    const sections = [{ section: 'quorum', kind: 'missing' as const, reason: 'broker 1 does not answer' }];
    expect(blockers({ ...kafka(), sections })).toEqual([
      'the quorum of controllers cannot be read: broker 1 does not answer',
    ]);
  });
});

test('group lag holds the restart until it is near its former value', () => {
  expect(blockers(kafka({ lag: 1100n }))).toEqual([]);
  expect(blockers(kafka({ lag: 1101n }))).toEqual([
    'group billing has a lag of 1,101 messages (before the change: 100)',
  ]);
});

test('a lag that was known and cannot be read now holds the restart; one that was never known does not', () => {
  const unread = (section: string): ClusterSnapshot => ({
    ...kafka(),
    groups: [],
    sections: [{ section, broker: '2', kind: 'missing', reason: 'broker 2 is loading its groups' }],
  });
  for (const section of ['groups', 'commits', 'offsets']) {
    expect(blockers(unread(section))).toEqual([
      'the lag of consumer groups cannot be read: broker 2 is loading its groups',
    ]);
  }
  expect(kafkaBlockers({ brokers, lags: {} }, unread('groups'))).toEqual([]);
  expect(blockers({ ...kafka(), sections: [{ section: 'groups', broker: '2', kind: 'fresh' }] })).toEqual([]);
});

test('a group with refused commit reads holds the restart, and a deleted group does not', () => {
  const reason = 'OffsetFetch: commits of group billing: COORDINATOR_LOAD_IN_PROGRESS';
  const refused: Section = { section: 'commits', broker: '2', kind: 'fresh', refused: 1, reason };
  expect(blockers({ ...group({ partitions: [] }), sections: [refused] })).toEqual([
    `the lag of group billing cannot be read: ${reason}`,
  ]);
  expect(blockers({ ...kafka({ lag: 100n }), sections: [refused] })).toEqual([]);
  expect(blockers({ ...kafka(), groups: [] })).toEqual([]);
});

const group = (more: Partial<GroupSnapshot>): ClusterSnapshot => {
  const snapshot = kafka({ lag: 3000n });
  return { ...snapshot, groups: snapshot.groups.map((each) => ({ ...each, ...more })) };
};

test('broadcasting groups do not hold the restart', () => {
  expect(lagsOf(group({ members: 2 }))).toEqual({ lags: { billing: 3000 }, commits: {} });
  expect(lagsOf(group({ kind: 'broadcasting' }))).toEqual({ lags: {}, commits: {} });
});

test('waits for groups without members that commit, as those of Flink, and for no others without members', () => {
  const before = { brokers, ...lagsOf(group({ members: 0 })) };
  const later = (committed: bigint) =>
    kafkaBlockers(before, group({ members: 0, partitions: [{ topic: 'paid', partition: 0, end: 9000n, committed }] }));
  expect(later(2000n)).toEqual([]);
  expect(later(2500n).map(({ what }) => what)).toEqual([
    'group billing has a lag of 6,500 messages (before the change: 3,000)',
  ]);
  // A job that runs once an hour.
  expect(lagsOf(group({ members: 0, hadMembers: true }))).toEqual({ lags: {}, commits: {} });
});

test('waits for a group whose members left while its broker restarted', () =>
  expect(blockers(group({ members: 0 }))).toEqual([
    'group billing has a lag of 3,000 messages (before the change: 100), and no members any more',
  ]));

test('names partitions that have too few replicas while a broker is stopped', () => {
  const refused = (replicas: string[], minInSyncReplicas?: number) => {
    const partition = { topic: 'paid', partition: 0, leader: '1', replicas, inSyncReplicas: replicas };
    const topicConfigs = [{ topic: 'paid', ...(minInSyncReplicas !== undefined && { minInSyncReplicas }) }];
    return findRefusedSends(
      { topics: [{ name: 'paid', internal: false, partitions: [partition] }], kafka: { topicConfigs } },
      ['1', '2'],
    ).map(({ code }) => code);
  };
  expect(refused(['1', '2', '3'], 2)).toEqual([]);
  expect(refused(['1', '2'], 1)).toEqual([]);
  expect(refused(['1', '2'], 2)).toEqual(['sends-refused']);
  expect(refused(['1'], 1)).toEqual(['only-copy']);
  expect(refused(['3'], 1)).toEqual([]);
});

test('counts and names topics whose min.insync.replicas was not read', () => {
  const topicOf = (name: string, replicas: string[]) => {
    const partition = { topic: name, leader: '1', replicas, inSyncReplicas: replicas };
    return { name, internal: false, partitions: [0, 1].map((number) => ({ ...partition, partition: number })) };
  };
  const topics = [
    topicOf('paid', ['1', '2']),
    topicOf('secret', ['1', '2']),
    topicOf('other', ['2', '3']),
    topicOf('alone', ['1']),
    topicOf('far', ['3', '4']),
  ];
  const found = findRefusedSends({ topics, kafka: { topicConfigs: [{ topic: 'paid', minInSyncReplicas: 1 }] } }, [
    '1',
    '2',
  ]);
  expect(found.map(({ code }) => code)).toEqual(['only-copy', 'min-insync-replicas-unknown']);
  expect(found[1]?.message).toContain('topics whose min.insync.replicas could not be read (2)');
  expect(found[1]?.message).toContain(': secret, other. Grant DescribeConfigs');
  // All topics count if the answer was late.
  expect(findRefusedSends({ topics }, ['1', '2'])[1]?.message).toContain('could not be read (3)');
});

type Seen = Parameters<typeof rocketmqBlockers>[1];
type Member = Seen['brokers'][number];

const member = (id: string, more: Partial<Member> = {}): Member => {
  const [brokerName = '', number = ''] = id.split(':');
  const brokerId = Number(number);
  const role = brokerId === 0 ? 'master' : 'slave';
  const runtime = new Map([['commitLogMaxOffset', '1000']]);
  return { id, brokerName, brokerId, address: '10.0.0.1:10911', role, runtime, ...more };
};
const seen = (ids: readonly string[], over: Partial<Seen> = {}): Seen => ({
  nameServers: [{ address: 'n1:9876', reachable: true, brokers: ids }],
  sections: [],
  brokers: ids.map((id) => member(id)),
  syncStateSets: [],
  ...over,
});
const held = (before: readonly string[], now: Seen) =>
  rocketmqBlockers({ brokers: [...before] }, now).map(({ what }) => what);
const pair = ['a:0', 'a:1'];

test('SyncStateSets that cannot be read hold the restart', () => {
  const sections = [{ section: 'sync-state', kind: 'missing' as const, reason: 'no controller knows a leader' }];
  expect(held(pair, seen(pair, { sections }))).toEqual([
    'the SyncStateSets of the controllers cannot be read: no controller knows a leader',
  ]);
});

test('every name server must list every broker', () => {
  expect(held(pair, seen(pair))).toEqual([]);
  const nameServers = [
    { address: 'n1:9876', reachable: true, brokers: ['a:0'] },
    { address: 'n2:9876', reachable: false },
    { address: 'n3:9876', reachable: true, brokers: [] },
  ];
  expect(held(pair, seen(pair, { nameServers }))).toEqual([
    'name server n1:9876 lists 1 of 2 brokers of a (a:0)',
    'name server n2:9876 does not answer',
    'name server n3:9876 lists 0 of 2 brokers of a',
  ]);
});

test('changed ids of the members after an election do not hold the restart', () => {
  const before = ['a:0', 'a:2', 'a:3'];
  expect(held(before, seen(['a:0', 'a:1', 'a:3']))).toEqual([]);
  expect(held(before, seen(['a:1', 'a:2', 'a:3']))).toEqual(['name server n1:9876 lists no master of a']);
  expect(held(before, seen(['a:0', 'a:3']))).toEqual(['name server n1:9876 lists 2 of 3 brokers of a (a:0, a:3)']);
});

test('a slave must be connected and in sync with its master', () => {
  const slave = (behindBytes: bigint) => ({
    address: '10.0.0.2',
    ackOffset: 0n,
    behindBytes,
    inSync: true,
    bytesPerSecond: 0,
  });
  const master = (slaves: NonNullable<Member['ha']>['slaves']) => {
    const ha = { masterCommitLogMaxOffset: 0n, inSyncSlaves: slaves.length, slaves };
    return seen(pair, { brokers: [member('a:0', { ha }), member('a:1')] });
  };
  expect(held(pair, master([]))).toEqual(['slaves connected to a:0: 0 of 1']);
  expect(held(pair, master([slave(300n * 1024n * 1024n)]))).toEqual([
    'slave 10.0.0.2 of a:0 has a replication lag of 315 MB',
  ]);
  expect(held(pair, master([slave(0n)]))).toEqual([]);
});

test('without replication figures, a member whose log ends far behind holds the restart', () => {
  const at = (id: string, end: number) => member(id, { runtime: new Map([['commitLogMaxOffset', String(end)]]) });
  const group = (behind: number) => seen(pair, { brokers: [at('a:0', 2 ** 30), at('a:1', 2 ** 30 - behind)] });
  expect(held(pair, group(2 ** 20))).toEqual([]);
  expect(held(pair, group(2 ** 29))).toEqual(['slave a:1 has a replication lag of 537 MB']);
});

test('a broker that is listed but does not answer holds the restart', () => {
  const { runtime: _, ...silent } = member('a:1');
  expect(held(pair, seen(pair, { brokers: [member('a:0'), silent] }))).toEqual(['no answer from a:1']);
});

test('a replica that the controller counts as not in sync holds the restart', () => {
  const at = ['10.0.0.1:10911', '10.0.0.2:10911'] as const;
  const brokers = pair.map((id, index) => member(id, { address: at[index] ?? '' }));
  const within = (inSync: readonly string[], notInSync: readonly string[]) =>
    held(
      pair,
      seen(pair, { brokers, syncStateSets: [{ brokerName: 'a', masterEpoch: 2, replicas: [], inSync, notInSync }] }),
    );
  expect(within([at[0]], [at[1]])).toEqual(['10.0.0.2:10911 of a not in the SyncStateSet of the controller']);
  // Controllers keep a replica that was removed.
  expect(within(at, ['10.0.0.9:10911'])).toEqual([]);
  expect(within([at[0]], ['10.0.0.9:10911'])).toEqual([
    '10.0.0.9:10911 of a not in the SyncStateSet of the controller (start it, or if it was removed, see `plimsoll cluster check` for how controllers forget it)',
  ]);
});

test('if a controller of 5.0 reports only in-sync replicas, all members must be among them', () => {
  const withInSync = (...inSync: string[]) =>
    held(pair, seen(pair, { syncStateSets: [{ brokerName: 'a', masterEpoch: 2, replicas: [], inSync }] }));
  expect(withInSync('10.0.0.1:10911')).toEqual(['1 of 2 replicas of a in the SyncStateSet of the controller']);
  expect(withInSync('10.0.0.1:10911', '10.0.0.2:10911')).toEqual([]);
});

test('reads lock owners from the lock table of the kernel', () => {
  const locks = parseLocks(
    '1: POSIX  ADVISORY  WRITE 1234 fe:01:131077 0 EOF\n2: FLOCK  ADVISORY  READ  99 00:19:55 0 EOF\n',
  );
  expect([...locks]).toEqual([['131077', 1234]]);
});
