// Checks transactions of a Kafka client on real brokers, with readers of committed and of all messages.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seconds } from '../../core/clock.ts';
import { read, soon, type TrafficSubject } from './traffic.ts';

/** Larger than the mebibyte that brokers accept by default. */
const tooLarge = Buffer.alloc(3 * 2 ** 20, 'x');
const window = seconds(0.5);

/** @param open returns a driver and a fresh topic of two partitions */
export function conformsAsKafkaTransactions(open: () => Promise<TrafficSubject>): void {
  const transactional = ({ traffic, topic }: TrafficSubject, duration = window, ordered = false) =>
    traffic.producer({ acks: 'all', ordered, transactions: { id: `${topic}-producer`, duration } });
  const wordsOf = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}`);

  test('resolves a send when its transaction is committed, and hides its messages until then', async () => {
    await using subject = await open();
    await using committed = await read(subject, 'committed', { from: 'start', readCommitted: true });
    await using all = await read(subject, 'all', { from: 'start' });
    await using producer = await transactional(subject, seconds(2));
    let isResolved = false;
    const sending = Promise.all(
      wordsOf(0, 10).map((word, index) =>
        producer.send({ topic: subject.topic, partition: index % 2, values: [Buffer.from(word)] }, soon()),
      ),
    ).then(() => (isResolved = true));
    await all.until(() => all.count() === 10);
    expect(isResolved).toBe(false);
    expect(committed.count()).toBe(0);
    await sending;
    await committed.until(() => committed.count() === 10);
    expect(committed.words().toSorted()).toEqual(wordsOf(0, 10));
  });

  test('commits one transaction after the other, in order', async () => {
    await using subject = await open();
    await using committed = await read(subject, 'committed', { from: 'start', readCommitted: true });
    await using producer = await transactional(subject, seconds(0.2), true);
    const sends: Promise<void>[] = [];
    for (const word of wordsOf(0, 60)) {
      sends.push(producer.send({ topic: subject.topic, partition: 0, values: [Buffer.from(word)] }, soon()));
      await pause(15);
    }
    await Promise.all(sends);
    await committed.until(() => committed.count() >= 60);
    expect(committed.words()).toEqual(wordsOf(0, 60));
  });

  test('rejects every send of an aborted transaction, hides it from read-committed consumers, and continues', async () => {
    await using subject = await open();
    const { topic } = subject;
    await using committed = await read(subject, 'committed', { from: 'start', readCommitted: true });
    await using all = await read(subject, 'all', { from: 'start' });
    await using producer = await transactional(subject);
    const send = (word: string | Buffer, partition = 0) =>
      producer.send({ topic, partition, values: [Buffer.from(word)] }, soon());
    await send('before');
    // All in one partition: a client may use separate transactions for different partitions.
    const outcomes = await Promise.allSettled([send('aborted'), send('aborted too'), send(tooLarge)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(outcomes[0]).toMatchObject({
      reason: { code: 'broker-refused', message: expect.stringContaining('aborted') },
    });
    await Promise.all([send('after'), send('after too', 1)]);
    await committed.until(() => committed.count() >= 3);
    expect(committed.words().toSorted()).toEqual(['after', 'after too', 'before']);
    await all.until(() => all.words().includes('after') && all.words().includes('after too'));
    expect(all.words()).toContain('aborted');
  });

  test('opening a producer with the id of a lost one ends its transaction', async () => {
    await using subject = await open();
    const { topic, traffic } = subject;
    await using committed = await read(subject, 'committed', { from: 'start', readCommitted: true });
    await using all = await read(subject, 'all', { from: 'start' });
    await using lost = await transactional(subject, seconds(60));
    const sends = [0, 1].map((partition) => lost.send({ topic, partition, values: [Buffer.from('lost')] }, soon()));
    const outcomes = Promise.allSettled(sends);
    await all.until(() => all.count() === 2);
    await (await transactional(subject))[Symbol.asyncDispose]();
    await using other = await traffic.producer({ acks: 'all' });
    for (const partition of [0, 1]) await other.send({ topic, partition, values: [Buffer.from('after')] }, soon());
    await committed.until(() => committed.count() === 2);
    expect(committed.words()).toEqual(['after', 'after']);
    await lost[Symbol.asyncDispose]();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('starts a read-committed consumer before an open transaction', async () => {
    await using subject = await open();
    await using all = await read(subject, 'all', { from: 'start' });
    await using producer = await transactional(subject, seconds(3));
    const sending = producer.send({ topic: subject.topic, partition: 0, values: [Buffer.from('open')] }, soon());
    await all.until(() => all.count() === 1);
    await using committed = await read(subject, 'late', { readCommitted: true });
    await sending;
    await committed.until(() => committed.count() === 1);
  });

  test('rejects contradictory options and options of another kind of broker', async () => {
    await using subject = await open();
    const { traffic, topic } = subject;
    await expect(traffic.producer({ acks: 'leader', idempotent: true })).rejects.toMatchObject({ code: 'usage' });
    await expect(traffic.producer({ acks: 'all', requests: 'single' })).rejects.toMatchObject({
      code: 'unsupported-broker',
    });
    await using producer = await traffic.producer({ acks: 'all' });
    const tagged = producer.send({ topic, partition: 0, values: [Buffer.from('x')], tag: 'blue' }, soon());
    await expect(tagged).rejects.toMatchObject({ code: 'unsupported-broker' });
  });
}
