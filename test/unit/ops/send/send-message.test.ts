import { expect, test } from 'vitest';
import { partitionOfKey } from '../../../../brokers/kafka/partition-of-key.ts';
import { planMessage, sendSteps, type MessageSpec } from '../../../../ops/send/send-message.ts';

const io = { signal: new AbortController().signal };
const spec: MessageSpec = { topic: 'orders', headers: [], value: Buffer.from('one') };
const kafkaPlaces = { places: async () => [0, 1, 2].map((partition) => ({ topic: 'orders', partition })) };
const queues = {
  places: async () => ['broker-a', 'broker-b'].map((brokerName) => ({ topic: 'orders', partition: 0, brokerName })),
};

test("sends a key to the partition that Kafka's partitioner chooses, and a message without a key to any partition", async () => {
  const keyed = await planMessage(kafkaPlaces, 'kafka', { ...spec, key: 'order-4711' }, () => 0, io);
  expect(keyed.partition).toBe(partitionOfKey(Buffer.from('order-4711'), 3));
  const plain = await planMessage(kafkaPlaces, 'kafka', spec, (places) => places - 1, io);
  expect([plain.partition, plain.key]).toEqual([2, undefined]);
});

test('sends keys and tags of RocketMQ as properties', async () => {
  const given = { ...spec, key: '4711', tag: 'paid', headers: [['source', 'test']] as const };
  const { brokerName, properties } = await planMessage(queues, 'rocketmq', given, () => 1, io);
  expect(brokerName).toBe('broker-b');
  expect(properties.map(([name, value]) => `${name}=${value.toString()}`)).toEqual([
    'KEYS=4711',
    'TAGS=paid',
    'WAIT=true',
    'source=test',
  ]);
});

test('rejects a tag on Kafka and a partition that the topic does not have', async () => {
  await expect(planMessage(kafkaPlaces, 'kafka', { ...spec, tag: 'paid' }, () => 0, io)).rejects.toThrow('have no tag');
  const elsewhere = { ...spec, place: { partition: 7 } };
  await expect(planMessage(kafkaPlaces, 'kafka', elsewhere, () => 0, io)).rejects.toThrow('orders has no 7');
});

test('rejects half of a transaction, which nobody would commit', async () => {
  const half = { ...spec, headers: [['TRAN_MSG', 'true']] as const };
  await expect(planMessage(queues, 'rocketmq', half, () => 0, io)).rejects.toThrow('orders would never get it');
  await expect(planMessage(kafkaPlaces, 'kafka', half, () => 0, io)).resolves.toHaveProperty('partition', 0);
  const whole = { ...spec, headers: [['TRAN_MSG', 'false']] as const };
  await expect(planMessage(queues, 'rocketmq', whole, () => 0, io)).resolves.toHaveProperty('partition', 0);
});

test('for a topic that accepts no messages, the hint names the command to open it', async () => {
  const closed = { places: async () => [] };
  await expect(planMessage(closed, 'rocketmq', spec, () => 0, io)).rejects.toMatchObject({
    code: 'broker-refused',
    hint: expect.stringContaining('alter-topic --topic orders --permission read-write'),
  });
  await expect(planMessage(closed, 'kafka', spec, () => 0, io)).rejects.toMatchObject({
    hint: '`plimsoll get topic orders` shows its partitions',
  });
});

test('a message that the broker delivers later has no offset', async () => {
  const sent: unknown[] = [];
  const message = { topic: 'orders', partition: 0, properties: [] };
  const [step] = sendSteps({ send: async () => undefined }, message, (offset) => sent.push(offset));
  expect(await step?.run(io)).toMatchObject({
    kind: 'done',
    evidence: [{ en: 'stored; the broker delivers it later' }],
  });
  expect(sent).toEqual([undefined]);
});
