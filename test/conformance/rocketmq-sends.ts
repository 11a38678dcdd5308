// Checks RocketMQ-specific features on real brokers: single requests, tags, delays, transactions.

import { expect, test } from 'vitest';
import type { OutgoingBatch, ProducerOptions, SendIo } from '../../brokers/driver.ts';
import { ask } from '../../brokers/rocketmq/ask.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { readStoredMessages, unpackBody } from '../../brokers/rocketmq/protocol/message.ts';
import { decodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import { encodePullMessage } from '../../brokers/rocketmq/protocol/message-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { createTopicQueues } from '../../brokers/rocketmq/topic-queues.ts';
import { ratio } from '../../core/units.ts';
import { seconds } from '../../core/clock.ts';
import { read, soon, type TrafficSubject } from './traffic.ts';

export interface SendsSubject {
  version: string;
  config(): RocketmqClusterConfig;
  /** Returns a driver and a fresh topic of two partitions. */
  open(): Promise<TrafficSubject>;
}

export function conformsAsRocketmqSends({ version, config, open }: SendsSubject): void {
  const hasTimers = !version.startsWith('4.');

  /** Returns the messages of one partition as the broker stores them. */
  async function stored(topic: string, partition: number) {
    await using client = createRemotingClient({ name: 'lab', config: config() });
    const queues = createTopicQueues({ cluster: 'lab', client, namesrv: config().namesrv });
    const queue = (await queues.of(topic, soon()))[partition];
    if (queue === undefined) throw new Error(`no partition ${partition}`);
    const { address, queueId } = queue;
    const pull = { consumerGroup: 'TOOLS_CONSUMER', topic, queueId, offset: 0n, maxMessages: 32, waitMs: 5000 };
    const pulled = await ask(client, { action: 'pull', address }, encodePullMessage(pull), soon());
    if (pulled.kind !== 'found') throw new Error(`nothing in ${topic}-${partition}`);
    return [...readStoredMessages(pulled.messages)].map((message) => ({
      ...message,
      pairs: decodeProperties(message.properties),
    }));
  }

  async function sendOnce(
    { traffic, topic }: TrafficSubject,
    batch: Omit<OutgoingBatch, 'topic' | 'partition'>,
    options: Partial<ProducerOptions>,
    onAcknowledged?: SendIo['onAcknowledged'],
  ): Promise<void> {
    await using producer = await traffic.producer({ acks: 'all', requests: 'single', ...options });
    await producer.send({ topic, partition: 0, ...batch }, { ...soon(), ...(onAcknowledged && { onAcknowledged }) });
  }

  /** Counts how often each value was acknowledged. */
  function acknowledgements(count: number) {
    const times = Array.from({ length: count }, () => 0);
    const onAcknowledged = (from: number, to: number) => {
      for (let index = from; index < to; index++) times[index] = (times[index] ?? 0) + 1;
    };
    return { times, onAcknowledged };
  }

  const numbered = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from(`${index}`));

  test('stores each value of single requests once, including the empty one, and acknowledges each', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'single', { from: 'start' });
    const values = [...numbered(999), Buffer.alloc(0)];
    const { times, onAcknowledged } = acknowledgements(values.length);
    await sendOnce(subject, { values }, {}, onAcknowledged);
    expect(new Set(times)).toEqual(new Set([1]));
    await reading.until(() => reading.count() >= values.length);
    expect(reading.words().toSorted()).toEqual(values.map(String).toSorted());
  });

  test('reports which values were acknowledged when another was rejected', async () => {
    await using subject = await open();
    const values = numbered(5).with(2, Buffer.alloc(5_000_000));
    const { times, onAcknowledged } = acknowledgements(values.length);
    const refused = { code: 'broker-refused', message: expect.stringMatching(/cannot send to .*-0 on .*4194304/) };
    await expect(sendOnce(subject, { values }, {}, onAcknowledged)).rejects.toMatchObject(refused);
    expect(times).toEqual([1, 1, 0, 1, 1]);
    const kept = (await stored(subject.topic, 0)).map(({ body }) => body.toString());
    expect(kept.toSorted()).toEqual(['0', '1', '3', '4']);
  });

  test('keeps the order of single requests when configured to', async () => {
    await using subject = await open();
    await using producer = await subject.traffic.producer({ acks: 'all', requests: 'single', ordered: true });
    const send = (values: Buffer[]) => producer.send({ topic: subject.topic, partition: 1, values }, soon());
    const sent = numbered(30);
    await Promise.all([send(sent.slice(0, 10)), send(sent.slice(10, 11)), send(sent.slice(11))]);
    expect((await stored(subject.topic, 1)).map(({ body }) => body.toString())).toEqual(sent.map(String));
  });

  for (const requests of ['single', 'batch'] as const) {
    for (const acks of ['leader', 'none'] as const) {
      test(`each message of a ${requests} request has its tag and key, acks ${acks}`, async () => {
        await using subject = await open();
        const keys = [Buffer.from('k0'), undefined];
        await using producer = await subject.traffic.producer({ acks, requests });
        await producer.send({ topic: subject.topic, partition: 0, values: numbered(2), keys, tag: 'blue' }, soon());
        await using reading = await read(subject, 'tagged', { from: 'start', withKeys: true });
        await reading.until(() => reading.count() === 2);
        expect(reading.keys()).toEqual(
          reading.words().map((word) => (word === '0' ? Buffer.from('k0').toString('hex') : undefined)),
        );
        const messages = await stored(subject.topic, 0);
        expect(messages.map(({ pairs }) => pairs.get('TAGS'))).toEqual(['blue', 'blue']);
        expect(new Set(messages.map(({ pairs }) => pairs.get('UNIQ_KEY'))).size).toBe(2);
      });
    }
  }

  test('compresses each body, and delivers it unchanged', async () => {
    await using subject = await open();
    const value = Buffer.alloc(2000, 'abc');
    await sendOnce(subject, { values: [value] }, { compression: 'zstd' });
    const [message] = await stored(subject.topic, 0);
    expect(message?.body.length).toBeLessThan(100);
    expect(message && unpackBody(message)).toEqual({ kind: 'plain', bytes: value });
    await using reading = await read(subject, 'packed', { from: 'start' });
    await reading.until(() => reading.count() === 1);
    expect(reading.words()).toEqual([value.toString()]);
  });

  test('delivers a message after its delay level', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'delayed', { from: 'start' });
    await sendOnce(subject, { values: numbered(1), delay: { level: 1 } }, {});
    await reading.until(() => reading.count() === 1);
    const [message] = await stored(subject.topic, 0);
    expect((message?.storedAtMs ?? 0) - (message?.bornAtMs ?? Infinity)).toBeGreaterThanOrEqual(900);
  });

  test(hasTimers ? 'delivers at a moment' : 'refuses to deliver at a moment, in words', async () => {
    await using subject = await open();
    const untilMilliseconds = Date.now() + 3000;
    const sending = sendOnce(subject, { values: numbered(1), delay: { untilMilliseconds } }, {});
    if (!hasTimers) {
      const words = expect.stringMatching(/cannot send to .*-0 on .*: its version 4\..* has no timers/);
      await expect(sending).rejects.toMatchObject({ code: 'unsupported-broker', message: words });
      return;
    }
    await sending;
    await using reading = await read(subject, 'timed', { from: 'start' });
    await reading.until(() => reading.count() === 1);
    const [message] = await stored(subject.topic, 0);
    // The timer wheel advances once a second.
    expect(message?.storedAtMs).toBeGreaterThanOrEqual(untilMilliseconds - 1000);
  });

  test('commits every transaction, including those that the broker has to check', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'transactions', { from: 'start', withKeys: true });
    const transactions = { id: `${subject.topic}-producer`, duration: seconds(1), leftToCheck: ratio(0.25) };
    const values = numbered(12);
    const { times, onAcknowledged } = acknowledgements(values.length);
    await sendOnce(subject, { values, keys: values, tag: 'blue' }, { transactions }, onAcknowledged);
    expect(times).toEqual(values.map(() => 1));
    await reading.until(() => reading.count() >= values.length);
    expect(reading.words().toSorted()).toEqual(values.map(String).toSorted());
    const messages = await stored(subject.topic, 0);
    expect(messages.map(({ transaction }) => transaction)).toEqual(values.map(() => 'committed'));
    expect(messages.map(({ pairs }) => pairs.get('TAGS'))).toEqual(values.map(() => 'blue'));
  });

  test('stops waiting for a callback that never ends, and delivers its message again', async () => {
    await using subject = await open();
    await sendOnce(subject, { values: numbered(1) }, {});
    {
      await using stuck = await read(subject, 'stuck', { from: 'start' }, () => new Promise<void>(() => {}));
      await stuck.until(() => stuck.count() === 1);
    }
    await using again = await read(subject, 'stuck', { from: 'start' });
    await again.until(() => again.count() === 1);
  });

  for (const mode of ['push', 'pull'] as const) {
    test(`reads by ${mode}, and a new member continues after the offset committed each second`, async () => {
      await using subject = await open();
      await sendOnce(subject, { values: numbered(3) }, {});
      {
        await using reading = await read(subject, mode, { from: 'start', mode });
        await reading.until(() => reading.count() === 3);
        await sendOnce(subject, { values: [Buffer.from('later')] }, {});
        await reading.until(() => reading.count() === 4);
      }
      await sendOnce(subject, { values: [Buffer.from('last')] }, {});
      await using again = await read(subject, mode, { from: 'start', mode });
      await again.until(() => again.count() >= 1);
      expect(again.words()).toEqual(['last']);
    });
  }
}
