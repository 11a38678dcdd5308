import { expect, test } from 'vitest';
import { partitionOfKey } from '../../../../brokers/kafka/partition-of-key.ts';
import type { FoundMessage } from '../../../../brokers/lookup.ts';
import { copiedProperties, markerName } from '../../../../ops/resend/copy-of.ts';
import { isDeadLetterTopic } from '../../../../ops/resend/dead-letter.ts';
import { placeOf, targetOf, type ResendAim } from '../../../../ops/resend/target.ts';

const message = (topic: string, properties: Record<string, string | Buffer> = {}): FoundMessage => ({
  topic,
  partition: 0,
  offset: 17n,
  properties: Object.entries(properties).map(([name, value]) => [name, Buffer.from(value)] as const),
  facts: {},
});
const kafka = (topic: string, more: Partial<ResendAim> = {}): ResendAim => ({
  broker: 'kafka',
  topic,
  toOrigin: true,
  deadLetterTopics: {},
  ...more,
});
const rocketmq = (topic: string, toOrigin = false): ResendAim => ({ ...kafka(topic), broker: 'rocketmq', toOrigin });

test.each([
  ['orders.DLT', 'orders'],
  ['orders-dlt', 'orders'],
  ['orders_dlq', 'orders'],
  ['orders-dead-letter', 'orders'],
  ['dlq-orders', 'orders'],
])('returns a message of %s to %s by the name of the topic', (topic, origin) => {
  expect(isDeadLetterTopic('kafka', topic)).toBe(true);
  expect(targetOf(message(topic), kafka(topic))).toEqual({ topic: origin });
});

test('a topic with another name is a dead-letter topic only if configured', () => {
  const configured = { failures: 'orders' };
  expect(isDeadLetterTopic('kafka', 'failures')).toBe(false);
  expect(isDeadLetterTopic('kafka', 'failures', configured)).toBe(true);
  expect(targetOf(message('failures'), kafka('failures'))).toBeUndefined();
  expect(targetOf(message('failures'), kafka('failures', { deadLetterTopics: configured }))).toEqual({
    topic: 'orders',
  });
});

test('headers of Spring and Kafka Connect with topic and partition have precedence over the name of the topic', () => {
  const original = Buffer.alloc(4);
  original.writeInt32BE(2);
  const spring = { 'kafka_dlt-original-topic': 'payments', 'kafka_dlt-original-partition': original };
  expect(targetOf(message('orders.DLT', spring), kafka('orders.DLT'))).toEqual({ topic: 'payments', partition: 2 });
  const retried = { 'kafka_original-topic': 'payments', 'kafka_original-partition': original };
  expect(targetOf(message('billing-dlt', retried), kafka('billing-dlt'))).toEqual({ topic: 'payments', partition: 2 });
  const connect = { '__connect.errors.topic': 'payments', '__connect.errors.partition': '11' };
  expect(targetOf(message('sink-dlq', connect), kafka('sink-dlq'))).toEqual({ topic: 'payments', partition: 11 });
  expect(targetOf(message('orders.DLT', spring), kafka('orders.DLT', { to: 'other' }))).toEqual({ topic: 'other' });
});

test('returns a message that a RocketMQ group gave up to that group only, unless its topic is requested', () => {
  const given = message('%DLQ%billing', { RETRY_TOPIC: 'orders' });
  expect(targetOf(given, rocketmq('%DLQ%billing'))).toEqual({ topic: '%RETRY%billing' });
  expect(targetOf(given, rocketmq('%DLQ%billing', true))).toEqual({ topic: 'orders' });
  expect(targetOf(given, rocketmq('%RETRY%billing'))).toBeUndefined();
});

// The broker writes the topic that the last retry was read from (AbstractSendMessageProcessor.java): POP never reads %RETRY%billing.
test.each(['%RETRY%billing_orders', '%RETRY%billing+orders'])(
  'returns a message that a POP consumer gave up to %s, without the property that names it',
  (retry) => {
    const given = message('%DLQ%billing', { RETRY_TOPIC: retry, UNIQ_KEY: 'C0A8000100002A9F0000000000000001' });
    expect(targetOf(given, rocketmq('%DLQ%billing'))).toEqual({ topic: retry });
    expect(targetOf(given, rocketmq('%DLQ%billing', true))).toEqual({ topic: 'orders' });
    const copy = copiedProperties(given, 'rocketmq', { marker: 'the marker', target: retry });
    expect(copy.map(([name]) => name)).toEqual(['UNIQ_KEY', markerName]);
  },
);

test('sends a key to the partition that Java producers choose, and a message without a key to its old partition or in turn', () => {
  const places = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }));
  const key = Buffer.from('order-1');
  expect(placeOf({ key }, { topic: 'orders' }, places, 0)?.partition).toBe(partitionOfKey(key, 3));
  expect(placeOf({}, { topic: 'orders', partition: 2 }, places, 0)?.partition).toBe(2);
  expect(placeOf({}, { topic: 'orders', partition: 9 }, places, 4)?.partition).toBe(1);
  const turns = [0, 1, 2].map((turn) => placeOf({ key }, { topic: 'orders', partition: 9 }, places, turn)?.partition);
  expect(turns).toEqual([0, 1, 2].map(() => partitionOfKey(key, 3)));
  expect(placeOf({}, { topic: 'orders' }, [], 0)).toBeUndefined();
});

test('a copy keeps properties of the sender and drops those of a single delivery', () => {
  const properties = {
    KEYS: 'order-1',
    UNIQ_KEY: 'C0A8000100002A9F0000000000000001',
    RETRY_TOPIC: 'orders',
    ORIGIN_MESSAGE_ID: 'C0A8000100002A9F0000000000000002',
    shop: 'west',
    DELAY: '3',
    TRAN_MSG: 'true',
    TIMER_OUT_MS: '1',
    REAL_TOPIC: '%DLQ%billing',
    [markerName]: 'an earlier resend',
  };
  const copy = copiedProperties(message('%DLQ%billing', properties), 'rocketmq', {
    marker: 'the marker',
    target: '%RETRY%billing',
  });
  expect(copy.map(([name, value]) => [name, value.toString()])).toEqual([
    ['KEYS', 'order-1'],
    ['UNIQ_KEY', 'C0A8000100002A9F0000000000000001'],
    ['RETRY_TOPIC', 'orders'],
    ['ORIGIN_MESSAGE_ID', 'C0A8000100002A9F0000000000000002'],
    ['shop', 'west'],
    [markerName, 'the marker'],
  ]);
  const toOrders = { marker: 'the marker', target: 'orders' };
  expect(copiedProperties(message('orders.DLT', { DELAY: '3' }), 'kafka', toOrders)).toHaveLength(2);
});

// A broker writes RETRY_TOPIC only where it is absent (AbstractSendMessageProcessor.java), so a retry would be of the old topic.
test('a copy for a topic other than a retry topic drops the topic that the original was retried from', () => {
  const given = message('%DLQ%billing', { RETRY_TOPIC: 'orders', KEYS: 'order-1' });
  const copy = copiedProperties(given, 'rocketmq', { marker: 'the marker', target: 'orders-repaired' });
  expect(copy.map(([name]) => name)).toEqual(['KEYS', markerName]);
});

test('a copy of a message that Spring retry topics gave up has all its attempts again', () => {
  const attempts = Buffer.from([0, 0, 0, 4]);
  const properties = {
    'retry_topic-attempts': attempts,
    'retry_topic-backoff-timestamp': Buffer.from('0000019ac0ffee00', 'hex'),
    'retry_topic-original-timestamp': Buffer.from('0000019ac0ff0000', 'hex'),
    'kafka_original-topic': 'orders',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const copy = copiedProperties(message('orders-dlt', properties), 'kafka', {
    marker: 'the marker',
    target: 'orders',
  });
  expect(copy.map(([name]) => name)).toEqual(['kafka_original-topic', 'traceparent', markerName]);
});
