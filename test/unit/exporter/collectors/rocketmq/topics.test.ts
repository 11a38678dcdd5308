import { expect, test } from 'vitest';
import type { MetricDefinition } from '../../../../../exporter/collector.ts';
import { rocketmqDeadLetters } from '../../../../../exporter/collectors/rocketmq/dead-letters.ts';
import { rocketmqQueues } from '../../../../../exporter/collectors/rocketmq/queues.ts';
import { rocketmqStoredMessages } from '../../../../../exporter/collectors/rocketmq/stored-messages.ts';
import { rocketmqTopics } from '../../../../../exporter/collectors/rocketmq/topics.ts';
import { rocketmqTraffic } from '../../../../../exporter/collectors/rocketmq/traffic.ts';
import type { CompatibilityMetric } from '../../../../../exporter/compatibility/compatibility.ts';
import { rocketmqExporter } from '../../../../../exporter/compatibility/rocketmq-exporter.ts';
import type { RocketmqTopic } from '../../../../../brokers/rocketmq/details.ts';
import { brokerWith, snapshotWith, topicWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const topic = (name: string, kind: RocketmqTopic['kind']): RocketmqTopic => ({ name, kind, routes: [] });
const stored = (details: RocketmqTopic[], ...topics: ReturnType<typeof topicWith>[]) =>
  snapshotWith(
    { topics: details },
    { topics: topics.map((each) => each.topic), offsets: topics.flatMap(({ offsets }) => offsets) },
  );

test('queues with the same id on two brokers are two series, exact above 2^53', () => {
  const snapshot = stored([], topicWith('orders', { a: [[1n, 9_007_199_254_740_993n]], b: [[0n, 4n]] }));
  expect(seriesOf(rocketmqQueues, snapshot)).toEqual({
    'rocketmq_queue_start_offset orders a 0': 1n,
    'rocketmq_queue_end_offset orders a 0': 9_007_199_254_740_993n,
    'rocketmq_queue_start_offset orders b 0': 0n,
    'rocketmq_queue_end_offset orders b 0': 4n,
  });
});

test('normal, delayed and retry messages are distinguished by kind', () => {
  const snapshot = stored(
    [topic('orders', 'normal'), topic('SCHEDULE_TOPIC_XXXX', 'delayed'), topic('%RETRY%g', 'retry')],
    topicWith('orders', {
      a: [
        [0n, 5n],
        [2n, 7n],
      ],
      b: [[0n, 1n]],
    }),
    topicWith('SCHEDULE_TOPIC_XXXX', { a: [[0n, 3n]] }),
    topicWith('%RETRY%g', { a: [[0n, 2n]] }),
  );
  expect(seriesOf(rocketmqStoredMessages, snapshot, 'rocketmq_topic_messages_total')).toEqual({
    'orders a normal 2': 12n,
    'orders b normal 1': 1n,
    'SCHEDULE_TOPIC_XXXX a delayed 1': 3n,
    '%RETRY%g a retry 1': 2n,
  });
});

test('the example query in the help of stored messages counts a topic once if two instances report it', () => {
  const { help } = rocketmqStoredMessages.metrics.rocketmq_topic_messages_total;
  expect(help).toContain('sum(clamp_min(max without (instance) (deriv(');
});

test('no query in a help text uses rate() on an end offset, which falls after a failover', () => {
  const texts = [
    ...[rocketmqStoredMessages, rocketmqDeadLetters].flatMap(({ metrics }) =>
      Object.values<MetricDefinition>(metrics).map(({ help }) => help),
    ),
    ...Object.values<CompatibilityMetric>(rocketmqExporter.metrics).map(({ ours = '' }) => ours),
  ];
  const rate = /\b(?:rate|increase)\((?:…|rocketmq_topic_messages_total|rocketmq_consumergroup_dead_letters_total)/;
  expect(texts.filter((text) => rate.test(text))).toEqual([]);
});

test('a topic with fewer queues is another series, because one series would fall', () => {
  const storedIn = (...queues: [bigint, bigint][]) =>
    seriesOf(
      rocketmqStoredMessages,
      stored([topic('orders', 'normal')], topicWith('orders', { a: queues })),
      'rocketmq_topic_messages_total',
    );
  const [before, after] = [storedIn([0n, 5_000_000n], [0n, 5_000_000n]), storedIn([0n, 5_000_010n])];
  expect(Object.keys(after).filter((series) => series in before)).toEqual([]);
});

test('a sum without one of its queues is not exported, because it would look like a falling counter', () => {
  const snapshot = stored(
    [topic('orders', 'normal')],
    topicWith('orders', { a: [[0n, 5n], undefined], b: [[0n, 1n]] }),
  );
  expect(seriesOf(rocketmqStoredMessages, snapshot, 'rocketmq_topic_messages_total')).toEqual({
    'orders b normal 1': 1n,
  });
});

test('dead letters are exported by group: all ever stored, and those still stored', () => {
  const snapshot = stored([], topicWith('%DLQ%billing', { a: [[3n, 10n]] }), topicWith('orders', { a: [[0n, 5n]] }));
  expect(seriesOf(rocketmqDeadLetters, snapshot)).toEqual({
    'rocketmq_consumergroup_dead_letters_total billing a': 10n,
    'rocketmq_consumergroup_dead_letters_stored billing a': 7n,
  });
});

test('a read-only topic, or one with fewer read queues than write queues, is visible', () => {
  const snapshot = snapshotWith({
    brokers: [brokerWith({ id: 'a:0' })],
    topics: [
      {
        name: 'orders',
        kind: 'normal',
        messageType: 'FIFO',
        routes: [{ brokerName: 'a', readQueues: 4, writeQueues: 8, permission: 'r' }],
      },
    ],
  });
  expect(seriesOf(rocketmqTopics, snapshot)).toEqual({
    'rocketmq_topic_info orders normal FIFO': 1,
    'rocketmq_topic_write_queues orders a': 8,
    'rocketmq_topic_read_queues orders a': 4,
    'rocketmq_topic_writable orders a': 0,
    'rocketmq_topic_readable orders a': 1,
  });
});

test('a topic is writable only where its broker group has a master, and readable where it has a member', () => {
  const route = { readQueues: 4, writeQueues: 4, permission: 'rw' as const };
  const groups = ['a', 'b', 'c'];
  const snapshot = snapshotWith({
    brokers: [brokerWith({ id: 'a:0' }), brokerWith({ id: 'b:1', role: 'acting-master' })],
    topics: [{ name: 'orders', kind: 'normal', routes: groups.map((brokerName) => ({ brokerName, ...route })) }],
  });
  expect(seriesOf(rocketmqTopics, snapshot, 'rocketmq_topic_writable')).toEqual({
    'orders a': 1,
    'orders b': 0,
    'orders c': 0,
  });
  expect(seriesOf(rocketmqTopics, snapshot, 'rocketmq_topic_readable')).toEqual({
    'orders a': 1,
    'orders b': 1,
    'orders c': 0,
  });
});

test('rates of the last minute are named as such, and an idle topic has none', () => {
  const snapshot = snapshotWith({
    topicTraffic: [
      { broker: 'a:0', topic: 'orders', messagesPerSecond: 12.5, bytesPerSecond: 6400 },
      { broker: 'a', topic: 'quiet' },
    ],
    groupTraffic: [{ broker: 'a:1', topic: 'orders', group: 'billing', messagesPerSecond: 3, sendBackPerSecond: 0.5 }],
  });
  expect(seriesOf(rocketmqTraffic, snapshot)).toEqual({
    'rocketmq_topic_put_messages_per_second orders a': 12.5,
    'rocketmq_topic_put_bytes_per_second orders a': 6400,
    'rocketmq_consumergroup_get_messages_per_second billing orders a': 3,
    'rocketmq_consumergroup_send_back_messages_per_second billing orders a': 0.5,
  });
});
