import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KafkaMetadata } from '../../../../../brokers/kafka/client.ts';
import { refuseCritical } from '../../../../../app/change/run-change.ts';
import { AppError } from '../../../../../core/errors.ts';
import { finding } from '../../../../../ops/change/change-kind.ts';
import type { SampledPartition } from '../../../../../brokers/kafka/changes/sample-keys.ts';
import { cutOverSteps } from '../../../../../ops/kafka/partitions/partition-steps.ts';
import { measureMoves } from '../../../../../ops/kafka/partitions/key-moves.ts';
import { noticeText } from '../../../../../ops/change/notice.ts';
import { partitionNotice } from '../../../../../ops/kafka/partitions/notice.ts';
import { planPartitions } from '../../../../../ops/kafka/partitions/new-partitions.ts';
import {
  isCompactedTopic,
  partitionFindings,
  streamsAmong,
} from '../../../../../ops/kafka/partitions/partition-findings.ts';

function clusterOf(
  brokers: number,
  racks: number,
  replicas: readonly (readonly number[])[],
): [KafkaMetadata, KafkaMetadata['topics'][number]] {
  const topic = {
    name: 'orders',
    internal: false,
    partitions: replicas.map((held, partition) => ({
      topic: 'orders',
      partition,
      leader: String(held[0]),
      replicas: held.map(String),
      inSyncReplicas: held.map(String),
    })),
  };
  const known = Array.from({ length: brokers }, (_, index) => ({
    id: String(index + 1),
    address: `127.0.0.1:${9001 + index}`,
    ...(racks > 0 && { rack: `r${index % racks}` }),
  }));
  return [{ brokers: known, topics: [topic] }, topic];
}

test('refuses partitions for which too few brokers are listed, and names those', () => {
  const [metadata, topic] = clusterOf(2, 0, [[1, 2, 3]]);
  expect(() => planPartitions(metadata, topic, 2)).toThrow(
    'each new partition of orders needs 3 replicas, but the cluster lists only brokers',
  );
});

test('a notice has a share of moved keys only if messages have keys', () => {
  const change = { topic: 'orders', from: 6, to: 9, groups: [] };
  const text = (moved: number | undefined, language: 'en' | 'zh') =>
    noticeText(partitionNotice({ ...change, moved }), {}, language);
  expect(text(2 / 3, 'en')).toContain('continue. About 67% of keys go to another');
  expect(text(undefined, 'en')).toContain('continue. Consumers find new partitions');
  expect(text(2 / 3, 'zh')).toContain('收发不中断。约 67% 的 Key');
  expect(text(undefined, 'zh')).toContain('收发不中断。消费者默认');
});

test('places the leaders of new partitions on the brokers with the fewest leaders', () => {
  const { assignments, load } = planPartitions(
    ...clusterOf(4, 0, [
      [1, 2],
      [2, 3],
      [3, 1],
    ]),
    8,
  );
  expect(assignments).toHaveLength(5);
  expect(load.map(({ topic }) => topic.after)).toEqual([2, 2, 2, 2]);
  expect(load.map(({ all }) => all.after)).toEqual([2, 2, 2, 2]);
});

test('a broker whose log directories are all cordoned gets no new partition, because the controller would not refuse it', () => {
  const cluster = clusterOf(3, 0, [[1, 2]]);
  const { assignments, findings } = planPartitions(...cluster, 7, new Set(['3']));
  expect(assignments.flat().includes(3)).toBe(false);
  expect(findings).toEqual([]);
  expect(
    planPartitions(...cluster, 7)
      .assignments.flat()
      .includes(3),
  ).toBe(true);
  expect(planPartitions(...cluster, 7, new Set(['2', '3'])).findings).toMatchObject([
    { severity: 'critical', code: 'brokers-cordoned' },
  ]);
});

test('racks on only some brokers do not constrain the plan, and a finding names brokers without a rack', () => {
  const planOf = (held: readonly number[], unracked?: string) => {
    const [metadata, topic] = clusterOf(3, 1, [held]);
    const brokers = metadata.brokers.map(({ id, address, rack }) => ({
      id,
      address,
      ...(id !== unracked && rack !== undefined && { rack }),
    }));
    return planPartitions({ ...metadata, brokers }, topic, 2);
  };
  expect(planOf([3, 1]).findings).toEqual([]);
  // Every rack has one replica of each partition, whatever racks exist.
  expect(planOf([3], '3').findings).toEqual([]);
  const { assignments, findings } = planOf([3, 1], '3');
  expect(assignments).toEqual([[2, 1]]);
  expect(findings).toMatchObject([
    {
      severity: 'critical',
      code: 'racks-incomplete',
      message: expect.stringContaining('Broker 3 has no rack') as string,
    },
  ]);
});

test('new partitions have the usual number of replicas on distinct brokers, even leaders, and separate racks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.constantFrom(0, 2),
      fc.integer({ min: 1, max: 24 }),
      (brokers, racks, more) => {
        const { assignments, load } = planPartitions(...clusterOf(brokers, racks, [[1, 2]]), 1 + more);
        expect(assignments.every((held) => held.length === 2 && held[0] !== held[1])).toBe(true);
        const led = load.map(({ topic }) => topic.after);
        expect(Math.max(...led) - Math.min(...led)).toBeLessThanOrEqual(1);
        if (racks === 2) expect(assignments.every(([one = 0, other = 0]) => one % 2 !== other % 2)).toBe(true);
      },
    ),
  );
});

const measured = { messages: 100, keyless: 0, keys: 10, movedKeys: 5, movedMessages: 50, asExpected: 100 };
const codes = (
  over: Partial<typeof measured>,
  groups: { group: string; behind?: number }[] = [],
  isCompacted = false,
) =>
  partitionFindings(
    { topic: 'orders', from: 3, to: 6, moved: 0.5 },
    { measured: { ...measured, ...over }, groups, isCompacted },
  ).map(({ code, messageZh }) => (/\p{Script=Han}/u.test(messageZh ?? '') ? code : `${code} in English only`));

test('findings depend on the contents of the topic, and exist in English and Chinese', () => {
  expect(codes({})).toEqual(['keys-move', 'keys-measured', 'no-way-back']);
  expect(codes({ asExpected: 40 })).toContain('other-partitioner');
  expect(codes({ keyless: 100 }, [{ group: 'billing', behind: 3 }])).toEqual([
    'no-keys',
    'late-discovery',
    'no-way-back',
  ]);
  expect(codes({}, [{ group: 'billing', behind: 3 }])).toContain('order-breaks');
  expect(codes(measureMoves([], 3, 6), [{ group: 'billing', behind: 3 }])).toEqual([
    'keys-move',
    'order-breaks',
    'late-discovery',
    'no-way-back',
  ]);
  const old: SampledPartition = { partition: 0, keys: [], keyless: 3, hasOldFormat: true };
  expect(codes(measureMoves([old], 3, 6))).toEqual(['keys-move', 'keys-unread', 'no-way-back']);
  expect(codes({}, [], true)).toContain('compacted');
});

const criticalOf = (topic: string, over: Partial<Parameters<typeof partitionFindings>[1]> = {}) =>
  partitionFindings({ topic, from: 3, to: 6, moved: 0.5 }, { groups: [], isCompacted: false, ...over }).flatMap(
    ({ severity, code }) => (severity === 'critical' ? [code] : []),
  );

test.each([
  ['__consumer_offsets', true],
  ['__transaction_state', true],
  ['__share_group_state', false],
  ['__remote_log_metadata', false],
  ['_schemas', true],
  ['connect-configs', true],
  ['payments-connect-offsets', true],
  ['connect_status', true],
  // Names of Strimzi and of MirrorMaker 2.
  ['connect-cluster-offsets', true],
  ['mirrormaker2-cluster-configs', true],
  ['mm2-configs.A.internal', true],
  ['mm2-offsets.eu-west.internal', true],
  ['mm2-offset-syncs.A.internal', true],
  ['mm2-status.A.internal', true],
])('refuses to change the number of partitions of %s (compacted: %s)', (topic, isCompacted) => {
  expect(criticalOf(topic, { acceptKeyMoves: true, isCompacted })).toEqual(['internal-topic']);
});

test.each([
  ['orders', false],
  ['reconnect-status', true],
  ['connect-status-events', true],
  ['device-connect-status', false],
  ['connect-cluster-offsets', false],
  ['mm2-orders.A.internal', true],
  ['_orders', false],
])('%s (compacted: %s) is not an internal topic', (topic, isCompacted) => {
  expect(criticalOf(topic, { acceptKeyMoves: true, isCompacted })).toEqual([]);
});

test('adds partitions to a compacted topic only if moving keys are accepted', () => {
  expect(criticalOf('orders', { isCompacted: true })).toEqual(['compacted']);
  expect(criticalOf('orders', { isCompacted: true, acceptKeyMoves: true })).toEqual([]);
  expect(() => refuseCritical('partitions of topic orders', [finding('critical', 'compacted', 'keys stay')])).toThrow(
    'partitions of topic orders was not started: keys stay',
  );
});

test('applications of Kafka Streams are groups with internal topics, matched by the longest name', () => {
  const topics = [
    'orders',
    'totals-eu-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog',
    'joins-by-key-repartition',
    'audit-changelog',
  ].map((name) => ({ name }));
  const groups = ['totals', 'totals-eu', 'joins', 'audit', 'billing'].map((name) => ({ name }));
  const readers = ['totals', 'totals-eu', 'audit', 'billing'];
  expect(streamsAmong(readers, { groups, topics })).toEqual(['totals-eu']);
});

test.each([
  [undefined, ['totals']],
  ['classic', ['totals']],
  ['streams', ['totals']],
  ['consumer', []],
  ['share', []],
] as const)(
  'a group of kind %s with topics like those of Kafka Streams yields applications %j',
  (kind, applications) => {
    const groups = [{ name: 'totals', ...(kind !== undefined && { kind }) }];
    expect(streamsAmong(['totals'], { groups, topics: [{ name: 'totals-store-changelog' }] })).toEqual(applications);
  },
);

test('adds partitions to a topic that Kafka Streams reads only if moving keys are accepted', () => {
  const foundWith = (acceptKeyMoves: boolean) =>
    partitionFindings(
      { topic: 'orders', from: 3, to: 6, moved: 0.5 },
      { groups: [], streams: ['totals-eu'], isCompacted: false, acceptKeyMoves },
    ).find(({ code }) => code === 'streams-stop');
  const [refused, accepted] = [foundWith(false), foundWith(true)];
  expect(refused).toMatchObject({ severity: 'critical' });
  for (const message of [refused?.message, refused?.messageZh]) {
    expect(message).toContain('totals-eu');
    expect(message).toContain('--accept-key-moves');
  }
  expect(accepted).toMatchObject({ severity: 'warning' });
  expect(accepted?.message).not.toContain('--accept-key-moves');
});

test('reads the cleanup policy before adding partitions, and a refused read ends the plan', async () => {
  const io = { signal: AbortSignal.timeout(5000) };
  const changes = (value: string) => ({
    settingsOf: async () => new Map([['cleanup.policy', { value, isOwn: true }]]),
  });
  expect(await isCompactedTopic(changes('compact,delete'), 'orders', io)).toBe(true);
  expect(await isCompactedTopic(changes('delete'), 'orders', io)).toBe(false);
  const refused = new AppError('broker-refused', 'TOPIC_AUTHORIZATION_FAILED, needs DescribeConfigs on the topic');
  const settingsOf = () => Promise.reject(refused);
  await expect(isCompactedTopic({ settingsOf }, 'orders', io)).rejects.toBe(refused);
});

test('fewer partitions need a new topic with the settings of the old one, and have rollback steps', () => {
  const steps = cutOverSteps({
    topic: 'orders',
    to: 2,
    newTopic: 'orders-v2',
    replicationFactor: 3,
    settings: { 'retention.ms': '1000' },
    groups: [{ group: 'billing' }],
  });
  expect(steps[0]).toContain('--topic orders-v2 --partitions 2 --replication-factor 3 --config retention.ms=1000');
  expect(steps[1]).toContain('billing');
  expect(steps.at(-1)).toMatch(/^Rollback/);
});
