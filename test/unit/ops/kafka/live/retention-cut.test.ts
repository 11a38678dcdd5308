import { expect, test } from 'vitest';
import { readTopicConfigs } from '../../../../../brokers/kafka/reading/topic-configs.ts';
import type { ClusterSnapshot } from '../../../../../brokers/snapshot.ts';
import { lagsOf } from '../../../../../brokers/kafka/inspect/lags.ts';
import {
  cutFindings,
  cutOf,
  topicsToCut,
  unreadBefore,
  unreadUnknownReason,
} from '../../../../../ops/kafka/live/retention-cut.ts';
import type { LiveCluster } from '../../../../../ops/kafka/live/read-cluster.ts';
import { settingsLink } from '../../../../support/settings-link.ts';

const hour = 3_600_000;
const config = (topic: string, cleanupPolicy: string, retentionMs?: bigint) => ({
  topic,
  cleanupPolicy,
  ...(retentionMs !== undefined && { retentionMs }),
});

function snapshotWith(committed: bigint | undefined) {
  return {
    offsets: [{ topic: 'logs', partition: 0, start: 0n, end: 1000n }],
    groups: [
      {
        name: 'billing',
        partitions: [
          { topic: 'logs', partition: 0, start: 0n, end: 1000n, ...(committed !== undefined && { committed }) },
        ],
      },
    ],
    kafka: {
      topicConfigs: [
        config('logs', 'delete', BigInt(72 * hour)),
        config('state', 'compact'),
        config('short', 'delete', BigInt(hour)),
        config('_confluent-tier-state', 'delete'),
      ],
    },
  } as unknown as ClusterSnapshot;
}
const cluster = {
  sizes: [{ topic: 'logs', partition: 0, bytes: 8000 }],
  assignment: { partitions: [{ topic: 'logs', partition: 0, replicas: [1, 2] }] },
} as unknown as LiveCluster;
const plan = [{ topic: 'logs', partition: 0, replicas: [3, 4] }];
const cut = (committed: bigint | undefined) =>
  cutOf(
    { snapshot: snapshotWith(committed), cluster, plan },
    { topics: ['logs'], retentionMs: 2 * hour, young: [{ topic: 'logs', partition: 0, offset: 750n }], throttle: 1000 },
  );

test('cuts only copied topics with longer retention that are neither compacted nor internal to Kafka or its companions', () => {
  const topics = ['logs', 'state', 'short', '_confluent-tier-state'];
  const copied = topics.map((topic) => ({ topic, partition: 0, replicas: [1] }));
  expect(topicsToCut(snapshotWith(0n), copied, 2 * hour)).toEqual({ topics: ['logs'], tiered: [] });
});

test.each(['remote.storage.enable', 'confluent.tier.enable'])(
  'does not cut the retention of a topic with %s, and reports the topic in a finding',
  async (setting) => {
    const snapshot = snapshotWith(1000n);
    const values = { 'cleanup.policy': 'delete', 'retention.ms': String(720 * hour), [setting]: 'true' };
    const io = { signal: new AbortController().signal };
    const { value: archive } = await readTopicConfigs(settingsLink(values), ['archive'], io);
    const topicConfigs = [...(snapshot.kafka?.topicConfigs ?? []), ...archive];
    const copied = ['logs', 'archive'].map((topic) => ({ topic, partition: 0, replicas: [1] }));
    const { topics, tiered } = topicsToCut({ kafka: { topicConfigs } } as unknown as ClusterSnapshot, copied, 2 * hour);
    expect({ topics, tiered }).toEqual({ topics: ['logs'], tiered: ['archive'] });
    const codes = (of: Parameters<typeof cutFindings>[0]) => cutFindings(of, tiered).map(({ code }) => code);
    expect(codes(cut(1000n))).toEqual(['retention-cut', 'retention-tiered']);
    expect(codes({ ...cut(1000n), topics: [] })).toEqual(['retention-tiered']);
  },
);

test('estimates saved bytes and time over all copies', () => {
  expect(cut(1000n)).toMatchObject({ bytes: 12_000, seconds: 12, losing: [] });
  expect(cutFindings(cut(750n))[0]).toMatchObject({
    severity: 'info',
    code: 'retention-cut',
    message: expect.stringContaining('Not checked: readers that commit no offsets to the cluster') as string,
    messageZh: expect.stringContaining('未检查：不向集群提交位点的消费者（MirrorMaker 2、Spark）') as string,
  });
});

test('a group that has read less than the cut would keep blocks the cut, as does a group without commits', () => {
  expect(cut(749n).losing).toEqual([{ group: 'billing', topic: 'logs', messages: 1n }]);
  expect(cut(undefined).losing).toEqual([{ group: 'billing', topic: 'logs', messages: 750n }]);
  expect(cutFindings(cut(749n))[0]).toMatchObject({ severity: 'critical', code: 'retention-unread' });
});

test.each([
  { committedIn: [0], losing: [{ group: 'billing', topic: 'logs', messages: 250n }] },
  { committedIn: [], losing: [] },
])('a group with commits in partitions $committedIn has not read the other partitions with messages', (given) => {
  const offsets = [1000n, 300n, 0n].map((end, partition) => ({ topic: 'logs', partition, start: 0n, end }));
  const ends = new Map([['logs', new Map(offsets.map((each) => [each.partition, each]))]]);
  const committed = given.committedIn.map((partition) => ({
    topic: 'logs',
    partitions: Int32Array.of(partition),
    offsets: BigInt64Array.of(1000n),
  }));
  const groups = [{ name: 'billing', partitions: lagsOf({ committed, assigned: [] }, ends) }];
  const young = [{ topic: 'logs', partition: 1, offset: 250n }];
  expect(unreadBefore({ groups, offsets }, ['logs'], young)).toEqual(given.losing);
});

test('a message that a share group has yet to acknowledge is unread, even if later ones are acknowledged', () => {
  const offsets = [{ topic: 'logs', partition: 0, start: 0n, end: 1000n }];
  const ends = new Map([['logs', new Map(offsets.map((each) => [each.partition, each]))]]);
  const losing = (lag: bigint) => {
    const of = { topic: 'logs', partitions: Int32Array.of(0), offsets: BigInt64Array.of(700n) };
    const committed = [{ ...of, lags: BigInt64Array.of(lag) }];
    const groups = [{ name: 'billing', partitions: lagsOf({ committed, assigned: [] }, ends) }];
    return unreadBefore({ groups, offsets }, ['logs'], [{ topic: 'logs', partition: 0, offset: 750n }]);
  };
  expect(losing(1n)).toEqual([{ group: 'billing', topic: 'logs', messages: 50n }]);
  // The start offset of the share group stays behind even when all are acknowledged.
  expect(losing(0n)).toEqual([]);
});

test('a topic without messages young enough would lose all its messages', () => {
  const all = cutOf(
    { snapshot: snapshotWith(1000n), cluster, plan },
    { topics: ['logs'], retentionMs: hour, young: [{ topic: 'logs', partition: 0 }] },
  );
  expect(all).toMatchObject({ bytes: 16_000, losing: [] });
});

test.each([
  [
    'a group that the user may not describe',
    {
      section: 'groups',
      broker: '1',
      kind: 'fresh' as const,
      refused: 1,
      reason: 'group billing: GROUP_AUTHORIZATION_FAILED (needs Describe on the group)',
    },
    'groups of broker 1 could not be read: group billing: GROUP_AUTHORIZATION_FAILED (needs Describe on the group)',
  ],
  [
    'commits that were not read',
    { section: 'commits', broker: '2', kind: 'missing' as const },
    'commits of broker 2 could not be read',
  ],
  [
    'offsets of before',
    { section: 'offsets', kind: 'kept' as const, reason: 'no answer' },
    'offsets of broker all could not be read: no answer',
  ],
])('unread messages are unknown with %s', (_, section, why) => {
  expect(unreadUnknownReason({ sections: [{ section: 'metadata', kind: 'fresh' }, section] })).toBe(why);
});

test('unread messages are known if groups, commits and offsets were read', () => {
  const sections = [
    ...['groups', 'commits', 'offsets'].map((section) => ({ section, kind: 'fresh' as const })),
    { section: 'log-dirs', kind: 'missing' as const },
  ];
  expect(unreadUnknownReason({ sections })).toBeUndefined();
});
