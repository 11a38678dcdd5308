import { expect, test } from 'vitest';
import { liveFindings } from '../../../../../ops/kafka/live/live-findings.ts';
import type { LiveCluster } from '../../../../../ops/kafka/live/read-cluster.ts';
import type { KafkaPartition } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';

const partition = (over: object = {}) => ({
  topic: 'orders',
  partition: 0,
  leader: '1',
  replicas: ['1', '2'],
  inSyncReplicas: ['1', '2'],
  ...over,
});

function codes(
  over: Partial<LiveCluster> & { partition?: object } = {},
  {
    replicas = [1, 3],
    leaving = [] as number[],
    least = 2,
    version = '3.9',
    minInSync = new Map<string, number>([['orders', least]]),
    plan = [] as KafkaPartition[],
    waves = [] as { partitions: KafkaPartition[] }[],
  } = {},
): string[] {
  const cluster = {
    metadata: { brokers: [], topics: [{ name: 'orders', internal: false, partitions: [partition(over.partition)] }] },
    assignment: { version: 1, partitions: [{ topic: 'orders', partition: 0, replicas: [1, 2] }] },
    sizes: [{ topic: 'orders', partition: 0, bytes: 500 }],
    disks: [{ disk: { broker: 3, usableBytes: { most: 600, least: 600 } }, replicas: [], offline: [] }],
    moving: [],
    absent: [],
    ...over,
  } as unknown as LiveCluster;
  const planned = plan.length > 0 ? plan : [{ topic: 'orders', partition: 0, replicas }];
  const findings = liveFindings(cluster, {
    plan: planned,
    waves: waves.length > 0 ? waves : [{ partitions: planned }],
    leaving,
    minInSync,
    version,
  });
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}.*。$/su);
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

test('a healthy cluster has no findings against a change', () => expect(codes()).toEqual([]));

test('reports a topic of the plan whose min.insync.replicas could not be read', () => {
  expect(codes({}, { minInSync: new Map<string, number>() })).toEqual(['warning min-insync-replicas-unknown']);
});

test('reports topics that brokers hold and the metadata does not list', () => {
  const holding = (topic: string) => {
    const replicas = [{ topic, partition: 0, broker: 1, bytes: 500 }];
    return codes({ disks: [{ disk: { broker: 1 }, offline: [], replicas }] });
  };
  expect([holding('orders'), holding('__consumer_offsets')]).toEqual([[], ['critical topics-unlisted']]);
});

test.each([
  [
    'another tool moves',
    { moving: [{ topic: 'a', partition: 0, replicas: [1], adding: [2], removing: [] }] },
    {},
    'critical move-under-way',
  ],
  ['a broker is away', { absent: [7] }, {}, 'critical broker-absent'],
  ['nobody leads', { partition: { leader: undefined } }, {}, 'critical no-leader'],
  ['too few are in sync', { partition: { inSyncReplicas: ['1'] } }, {}, 'critical below-min-in-sync'],
  ['too few would be left', {}, { replicas: [1], version: '3.6' }, 'critical factor-below-min-in-sync'],
  [
    'the replica that stays is behind',
    { partition: { replicas: ['1', '2', '3'], inSyncReplicas: ['1', '2'] } },
    { replicas: [1, 3] },
    'critical removes-in-sync',
  ],
  ['a follower is behind', { partition: { inSyncReplicas: ['1'] } }, { least: 1 }, 'warning under-replicated'],
  ['a disk is too small', { sizes: [{ topic: 'orders', partition: 0, bytes: 601 }] }, {}, 'critical disk-too-small'],
  [
    'a disk is too small if directories with equal figures share it',
    { disks: [{ disk: { broker: 3, usableBytes: { most: 600, least: 300 } }, replicas: [], offline: [] }] },
    {},
    'warning disk-perhaps-too-small',
  ],
  [
    'the fullest of several directories is too small',
    {
      disks: [
        {
          disk: {
            broker: 3,
            usableBytes: { most: 1300, least: 1300 },
            directories: [400, 900].map((usableBytes) => ({ usableBytes, partitions: 4 })),
          },
          replicas: [],
          offline: [],
        },
      ],
    },
    {},
    'warning log-dir-perhaps-too-small',
  ],
  [
    'all log directories of a target are cordoned',
    { disks: [{ disk: { broker: 3, isCordoned: true }, replicas: [], offline: [] }] },
    {},
    'critical broker-cordoned',
  ],
  [
    'a log directory is offline',
    { disks: [{ disk: { broker: 3 }, replicas: [], offline: ['/data: KAFKA_STORAGE_ERROR'] }] },
    {},
    'critical log-dir-offline',
  ],
])('reports a finding if %s', (_, over, plan, expected) =>
  expect(codes(over as Partial<LiveCluster>, plan)).toContain(expected),
);

test('a disk is too small if the replicas of one wave do not fit, unless leaving replicas make room', () => {
  const placed = (replicas: number[], index: number) => ({ topic: 'orders', partition: index, replicas });
  const partitions = [
    [2, 3],
    [2, 1],
    [2, 1],
  ].map(placed);
  const plan = [
    [2, 1],
    [2, 3],
    [2, 3],
  ].map(placed);
  const cluster = {
    assignment: { version: 1 as const, partitions },
    sizes: partitions.map(({ topic, partition: index }) => ({ topic, partition: index, bytes: 500 })),
    disks: [
      {
        disk: {
          broker: 3,
          usableBytes: { most: 600, least: 600 },
          directories: [{ usableBytes: 600, partitions: 1 }],
        },
        replicas: [{ topic: 'orders', partition: 0, broker: 3, bytes: 500 }],
        offline: [],
      },
    ],
  };
  const waves = [{ partitions: plan.slice(0, 1) }, { partitions: plan.slice(1) }];
  expect(codes(cluster, { plan, waves })).toEqual(['warning disk-needs-deletion']);
  expect(codes(cluster, { plan })).toEqual(['critical disk-too-small']);
});

test('a leaving broker may be down and its replica out of sync', () => {
  expect(codes({ absent: [2], partition: { inSyncReplicas: ['1'] } }, { leaving: [2], least: 1 })).toEqual([]);
});

test('a dead broker can be replaced even if it leaves too few in-sync replicas, because the move restores them', () => {
  const dead = { absent: [2], partition: { inSyncReplicas: ['1'] } };
  expect(codes(dead, { leaving: [2] })).toEqual(['warning below-min-in-sync-until-moved']);
  // Another follower lags, too, but it can catch up.
  const two = { absent: [2], partition: { replicas: ['1', '2', '4'], inSyncReplicas: ['1'] } };
  expect(codes(two, { replicas: [1, 3, 4], leaving: [2], least: 3 })).toContain('critical below-min-in-sync');
});

test('from Kafka 3.7 on, a partition needs no more in-sync replicas than it has after the change', () => {
  expect(codes({}, { replicas: [1], version: '3.7' })).toEqual([]);
  const dead = { absent: [3], partition: { replicas: ['1', '2', '3'], inSyncReplicas: ['1', '2'] } };
  expect(codes(dead, { replicas: [1, 2], leaving: [3], least: 3 })).toEqual([]);
});

test('before Kafka 3.7, a partition that already has fewer replicas than min.insync.replicas can be moved', () => {
  const single = { partition: { replicas: ['1'], inSyncReplicas: ['1'] } };
  expect(codes(single, { replicas: [3], version: '3.6' })).toEqual([]);
  expect(codes({}, { replicas: [3], version: '3.6' })).toContain('critical factor-below-min-in-sync');
});
