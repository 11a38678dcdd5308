import { expect, test } from 'vitest';
import type { RocketmqBroker, RocketmqDetails } from '../../../../brokers/rocketmq/details.ts';
import type { GroupSnapshot } from '../../../../brokers/snapshot.ts';
import { rocketmqExporter } from '../../../../exporter/compatibility/rocketmq-exporter.ts';
import { brokerWith, runtimeWith, snapshotWith, topicWith } from '../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../support/series-of.ts';

const brokerLabels = '10.0.0.97:10911  V5_3_3 1795172900369 479';

/** Series of broker-a:0 on 5.3.3. */
function runtime(changed: Readonly<Record<string, string>>, over: Partial<RocketmqBroker> = {}) {
  const broker = brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3', changed), ...over });
  const snapshot = snapshotWith({ brokers: [broker] });
  return (name: string) => seriesOf(rocketmqExporter, snapshot, `rocketmq_${name}`);
}

test('times are in milliseconds, as upstream', () => {
  const shown = runtime({ pageCacheLockTimeMills: '1240', putLatency999: '1840.50' });
  expect(shown('brokeruntime_pagecache_lock_time_mills')).toEqual({ [brokerLabels]: 1240 });
  expect(shown('brokeruntime_put_latency_999')).toEqual({ [brokerLabels]: 1840.5 });
  expect(shown('brokeruntime_earliest_message_timestamp')).toEqual({ [brokerLabels]: 1_795_173_099_216 });
});

test('values that upstream prints as -1, 0 or without their unit are absent or correct', () => {
  const shown = runtime({ putLatency99: '', putTps: '4.9  ', remainHowManyDataToFlush: '1.5 MiB' });
  expect(shown('brokeruntime_put_latency_99')).toEqual({});
  expect(shown('brokeruntime_put_tps10')).toEqual({ [brokerLabels]: 4.9 });
  expect(shown('brokeruntime_put_tps600')).toEqual({});
  expect(shown('brokeruntime_remain_howmanydata_toflush')).toEqual({ [brokerLabels]: 1_572_864 });
});

test('each range of put times has the name used upstream', () => {
  const shown = runtime({ putMessageDistributeTime: '[<=0ms]:7 [0~10ms]:5 [500ms~1s]:2 [10s~]:1 ' });
  expect(shown('brokeruntime_pmdt_0ms')).toEqual({ [brokerLabels]: 7 });
  expect(shown('brokeruntime_pmdt_500to1s')).toEqual({ [brokerLabels]: 2 });
  expect(shown('brokeruntime_pmdt_10stomore')).toEqual({ [brokerLabels]: 1 });
});

test('a broker that no longer reports its version number keeps all its series', () => {
  const shown = runtime({ brokerVersion: '' });
  expect(shown('brokeruntime_putmessage_times_total')).toEqual({ '10.0.0.97:10911  V5_3_3 1795172900369 ': 236n });
});

test('slaves have only the difference to their master', () => {
  const at = (id: string, commitLogMaxOffset: string) =>
    brokerWith({ id, runtime: runtimeWith('4.9.7', { commitLogMaxOffset }) });
  const snapshot = snapshotWith({ brokers: [at('broker-a:0', '100'), at('broker-a:1', '70')] });
  expect(seriesOf(rocketmqExporter, snapshot, 'rocketmq_broker_commitlog_diff')).toEqual({
    '10.0.0.97:10921 broker-a': 30n,
  });
  const masters = seriesOf(rocketmqExporter, snapshot, 'rocketmq_brokeruntime_commitlog_maxoffset');
  expect(Object.values(masters)).toEqual([100n]);
});

test('end offsets are summed by topic and broker, with separate metrics for retries and dead letters', () => {
  const topics = [
    topicWith('orders', {
      a: [
        [0n, 5n],
        [0n, 7n],
      ],
    }),
    topicWith('%RETRY%billing', { a: [[0n, 2n]] }),
    topicWith('%DLQ%billing', { a: [[0n, 3n]] }),
  ];
  const snapshot = snapshotWith(
    {},
    { topics: topics.map(({ topic }) => topic), offsets: topics.flatMap(({ offsets }) => offsets) },
  );
  expect(seriesOf(rocketmqExporter, snapshot)).toEqual({
    'rocketmq_producer_offset a orders': 12n,
    'rocketmq_topic_retry_offset a %RETRY%billing': 2n,
    'rocketmq_topic_dlq_offset a billing': 3n,
  });
});

const group = { name: 'billing', clients: 3, clientVersions: [], subscriptionConflicts: [] };
function groups(
  committed: bigint | undefined,
  kind: NonNullable<GroupSnapshot['kind']>,
  details: Partial<RocketmqDetails> = {},
) {
  const { topic, offsets } = topicWith('orders', { a: [[0n, 100n]] });
  const partition = { topic: 'orders', partition: 0, brokerName: 'a', end: 100n };
  return seriesOf(
    rocketmqExporter,
    snapshotWith(
      { groups: [group], ...details },
      {
        topics: [topic],
        offsets,
        groups: [
          { name: 'billing', kind, partitions: [{ ...partition, ...(committed !== undefined && { committed }) }] },
        ],
      },
    ),
    undefined,
    {
      of: () => ({ seconds: 1.25, method: 'store-time', ageSeconds: 0 }),
      openTransactionSeconds: () => undefined,
      clampedTotal: 0,
    },
  );
}

test('a group has lag with client count and message model as labels, offset, and latency in milliseconds', () => {
  expect(groups(40n, 'clustering')).toMatchObject({
    'rocketmq_group_diff billing orders 3 1': 60n,
    'rocketmq_consumer_offset a orders billing': 40n,
    'rocketmq_group_get_latency_by_storetime a orders billing': 1250,
  });
});

test('the client count has no address labels', () => {
  expect(groups(40n, 'clustering')).toHaveProperty(['rocketmq_group_count   billing'], 3);
});

test('a group without commits has no complete lag, and a broadcasting group has none', () => {
  expect(groups(undefined, 'clustering')).not.toHaveProperty(['rocketmq_group_diff billing orders 3 1']);
  expect(groups(40n, 'broadcasting')).not.toHaveProperty(['rocketmq_group_diff billing orders 3 1']);
});

test('the number of sent-back messages is for a whole minute', () => {
  const groupTraffic = [{ broker: 'a:0', topic: 'orders', group: 'billing', sendBackPerSecond: 0.05 }];
  expect(groups(40n, 'clustering', { groupTraffic })).toHaveProperty(['rocketmq_send_back_nums a orders billing'], 3);
});

test('rates leave out retry and dead-letter topics, as upstream, so that sums count no message twice', () => {
  const traffic = (topic: string) => ({ broker: 'a:0', topic, messagesPerSecond: 2, bytesPerSecond: 8 });
  const ofTopics = ['orders', '%RETRY%billing', '%DLQ%billing'].map(traffic);
  const snapshot = snapshotWith({
    topicTraffic: ofTopics,
    groupTraffic: ofTopics.map((each) => ({ ...each, group: 'billing', sendBackPerSecond: 0.5 })),
  });
  expect(seriesOf(rocketmqExporter, snapshot)).toEqual({
    'rocketmq_producer_tps a orders': 2,
    'rocketmq_producer_message_size a orders': 8,
    'rocketmq_consumer_tps a orders billing': 2,
    'rocketmq_consumer_message_size a orders billing': 8,
    'rocketmq_send_back_nums a orders billing': 30,
  });
});
