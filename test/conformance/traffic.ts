// Checks every TrafficDriver, including the fake in memory.

import { expect, test } from 'vitest';
import type {
  Compression,
  ConsumerOptions,
  IncomingBatch,
  OnBatch,
  OutgoingBatch,
  ProducerOptions,
  TrafficDriver,
} from '../../brokers/driver.ts';
import type { Seconds } from '../../core/clock.ts';

export interface TrafficSubject extends AsyncDisposable {
  traffic: TrafficDriver;
  /** Exists, is empty, and belongs to this test alone. */
  topic: string;
  partitions: number;
}

/** Features that only some brokers and clients support. */
export interface TrafficFeatures {
  keys?: boolean;
  compressions?: readonly Compression[];
  idempotent?: boolean;
  /** True if a slow callback for one partition does not delay another, at the same broker. */
  holdsOnePartition?: boolean;
  /** Session timeout: a member without heartbeats for this time leaves the group. */
  session?: Seconds;
}

/**
 * @param open returns a driver and a fresh topic of at least two partitions
 * @param more options of the load test that the driver supports; without it they are not tested
 */
export function conformsAsTraffic(open: () => Promise<TrafficSubject>, more?: TrafficFeatures): void {
  if (more !== undefined) conformsInDetail(open, more);

  test('delivers each value once, in order per partition, as the bytes that were sent', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'order');
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const sent = Array.from({ length: 30 }, (_, batch) => ({
      partition: batch % subject.partitions,
      values: [Buffer.from(`${batch} first`), Buffer.alloc(0), Buffer.from(`${batch} last`), Buffer.alloc(300, batch)],
    }));
    for (const { partition, values } of sent) await producer.send({ topic: subject.topic, partition, values }, soon());
    await reading.until(() => reading.count() === sent.length * 4);
    for (let partition = 0; partition < subject.partitions; partition++) {
      const expected = sent.filter((batch) => batch.partition === partition).flatMap(({ values }) => values);
      expect(reading.of(partition)).toEqual(expected.map((value) => value.toString('hex')));
    }
  });

  test('loses nothing when many batches are sent at once', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'many');
    await using producer = await subject.traffic.producer({ acks: 'leader' });
    const values = Array.from({ length: 50 }, (_, index) => Buffer.from(`value ${index}`));
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        producer.send({ topic: subject.topic, partition: index % subject.partitions, values }, soon()),
      ),
    );
    await reading.until(() => reading.count() >= 100 * values.length);
    expect(reading.count()).toBe(100 * values.length);
  });

  test('a new group starts at the end of the log, and a known group after its last message', async () => {
    await using subject = await open();
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const send = (word: string) =>
      producer.send({ topic: subject.topic, partition: 0, values: [Buffer.from(word)] }, soon());
    await send('before the group');
    {
      await using first = await read(subject, 'resume');
      await send('first run');
      await first.until(() => first.count() === 1);
      expect(first.words()).toEqual(['first run']);
    }
    await send('between');
    await using second = await read(subject, 'resume');
    await send('second run');
    await second.until(() => second.count() === 2);
    expect(second.words()).toEqual(['between', 'second run']);
  });

  test('divides the partitions among the members of a group, and delivers all messages to every group', async () => {
    await using subject = await open();
    await using one = await read(subject, 'shared');
    await using two = await read(subject, 'shared');
    await using other = await read(subject, 'alone');
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const total = () => one.count() + two.count();
    let sent = 0;
    // The first member keeps its partitions until the group has rebalanced; its reads until then count too.
    for (; two.count() === 0 || one.count() === 0 || sent < 20; sent++) {
      const partition = sent % subject.partitions;
      await producer.send({ topic: subject.topic, partition, values: [Buffer.from(`${sent}`)] }, soon());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await one.until(() => total() === sent);
    await other.until(() => other.count() === sent);
    expect(new Set([...one.words(), ...two.words()]).size).toBe(sent);
  });

  test('resolves a send with acks none without a response, and delivers it', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'unanswered');
    await using producer = await subject.traffic.producer({ acks: 'none' });
    await producer.send({ topic: subject.topic, partition: 0, values: [Buffer.from('sent')] }, soon());
    await reading.until(() => reading.count() === 1);
  });

  test('rejects a missing topic with a message, and does not create it', async () => {
    await using subject = await open();
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const send = () =>
      producer.send({ topic: `${subject.topic}-absent`, partition: 0, values: [Buffer.from('x')] }, soon());
    await expect(send()).rejects.toMatchObject({ code: 'broker-refused', message: expect.stringContaining('absent') });
    await expect(send()).rejects.toMatchObject({ code: 'broker-refused' });
  });

  test('does not send once its signal has aborted', async () => {
    await using subject = await open();
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const reason = new Error('enough');
    const send = producer.send(
      { topic: subject.topic, partition: 0, values: [Buffer.from('x')] },
      { signal: AbortSignal.abort(reason) },
    );
    await expect(send).rejects.toBe(reason);
  });

  test('lists every partition with its leader, and reads back each message from its offset', async () => {
    await using subject = await open();
    await using echo = await subject.traffic.echo({ topic: subject.topic });
    const places = await echo.places(soon());
    expect(new Set(places.map(({ partition }) => partition))).toEqual(new Set(Array(subject.partitions).keys()));
    expect(places).toHaveLength(subject.partitions);
    for (const place of places) {
      expect(place.broker).toMatch(/./);
      for (const word of ['first', 'second']) {
        const value = Buffer.from(`${word} to ${place.partition}`);
        const offset = await echo.send(place, value, soon());
        expect(await echo.read(place, offset, soon())).toEqual(value);
      }
    }
  });

  test('waits until an offset is written, and reads a message of another producer there', async () => {
    await using subject = await open();
    await using echo = await subject.traffic.echo({ topic: subject.topic });
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const [place] = await echo.places(soon());
    if (place === undefined) throw new Error('no place');
    const offset = await echo.send(place, Buffer.from('before'), soon());
    const reading = echo.read(place, offset + 1n, soon());
    await producer.send({ topic: subject.topic, partition: place.partition, values: [Buffer.from('then')] }, soon());
    expect((await reading)?.toString()).toBe('then');
  });

  test('rejects an echo on a missing topic with a message', async () => {
    await using subject = await open();
    await using echo = await subject.traffic.echo({ topic: `${subject.topic}-absent` });
    await expect(echo.places(soon())).rejects.toMatchObject({
      code: 'broker-refused',
      message: expect.stringContaining('absent'),
    });
  });

  test('leaves the group when its signal aborts', async () => {
    await using subject = await open();
    const reading = await read(subject, 'leaving');
    await expect(reading[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
}

function conformsInDetail(open: () => Promise<TrafficSubject>, more: TrafficFeatures): void {
  const words = (...list: string[]) => list.map((word) => Buffer.from(word));

  /** Sends one batch through a separate producer. */
  async function sendOnce(
    { traffic, topic }: TrafficSubject,
    batch: Omit<OutgoingBatch, 'topic' | 'partition'> & { partition?: number },
    options: Partial<ProducerOptions> = {},
  ): Promise<void> {
    await using producer = await traffic.producer({ acks: 'all', ...options });
    await producer.send({ topic, partition: 0, ...batch }, soon());
  }

  test('starts a new group at the start of the log when configured to, and reports the offsets there', async () => {
    await using subject = await open();
    await sendOnce(subject, { values: words('one', 'two', 'three') });
    await using reading = await read(subject, 'start', { from: 'start' });
    await reading.until(() => reading.count() === 3);
    expect(reading.words()).toEqual(['one', 'two', 'three']);
    const [first = NaN, ...rest] = reading.offsets();
    expect(rest).toEqual([first + 1, first + 2]);
  });

  test('stores no offsets for a group that never commits', async () => {
    await using subject = await open();
    await sendOnce(subject, { values: words('one') });
    for (const _ of ['first run', 'second run']) {
      await using reading = await read(subject, 'uncommitted', { from: 'start', commits: 'never' });
      await reading.until(() => reading.count() === 1);
    }
  });

  test('commits each batch before the next one of its partition', async () => {
    await using subject = await open();
    const seen: string[] = [];
    {
      await using reading = await read(subject, 'each', { from: 'start', commits: 'each-batch' });
      for (const word of ['one', 'two', 'three']) {
        await sendOnce(subject, { values: words(word) });
        await reading.until(() => reading.words().includes(word));
      }
      seen.push(...reading.words());
    }
    await sendOnce(subject, { values: words('four') });
    await using again = await read(subject, 'each', { from: 'start', commits: 'each-batch' });
    await again.until(() => again.count() > 0);
    expect([...seen, ...again.words()]).toEqual(['one', 'two', 'three', 'four']);
  });

  test('waits for a callback before the next batch of its partition', async () => {
    await using subject = await open();
    const held = Promise.withResolvers<void>();
    {
      await using reading = await read(subject, 'held', { from: 'start' }, () => held.promise);
      await sendOnce(subject, { values: words('one') });
      await reading.until(() => reading.count() === 1);
      await sendOnce(subject, { values: words('two') });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(reading.words()).toEqual(['one']);
      held.resolve();
      await reading.until(() => reading.count() === 2);
      expect(reading.words()).toEqual(['one', 'two']);
    }
  });

  if (more.holdsOnePartition === true) {
    test('continues with the other partitions while one is blocked', async () => {
      await using subject = await open();
      const held = Promise.withResolvers<void>();
      const holding = ({ partition }: IncomingBatch) => (partition === 0 ? held.promise : undefined);
      await using reading = await read(subject, 'one-held', { from: 'start' }, holding);
      await sendOnce(subject, { values: words('held') });
      await reading.until(() => reading.count() === 1);
      for (const word of ['a', 'b', 'c']) {
        await sendOnce(subject, { partition: 1, values: words(word) });
        await sendOnce(subject, { partition: 0, values: words(`behind ${word}`) });
        await reading.until(() => reading.words().includes(word));
      }
      expect(reading.words()).toEqual(['held', 'a', 'b', 'c']);
      held.resolve();
      await reading.until(() => reading.count() === 7);
      expect(reading.of(0)).toHaveLength(4);
    });
  }

  const { session } = more;
  if (session !== undefined) {
    test('stays a member of the group while a callback takes longer than the session timeout', async () => {
      await using subject = await open();
      const held = Promise.withResolvers<void>();
      await using reading = await read(subject, 'slow', { from: 'start' }, () => held.promise);
      await sendOnce(subject, { values: words('one') });
      await reading.until(() => reading.count() === 1);
      await sendOnce(subject, { values: words('two') });
      await new Promise((resolve) => setTimeout(resolve, session * 1000 + 2000));
      held.resolve();
      await reading.until(() => reading.count() >= 2);
      // A member that left the group would receive the first one again.
      expect(reading.words()).toEqual(['one', 'two']);
    });
  }

  if (more.keys === true) {
    test('delivers each key with its value, and no key where there was none', async () => {
      await using subject = await open();
      const keys = [Buffer.from('k'), undefined, Buffer.alloc(40, 7)];
      await using reading = await read(subject, 'keys', { from: 'start', withKeys: true });
      await sendOnce(subject, { values: words('one', 'two', 'three'), keys });
      await sendOnce(subject, { values: words('four') });
      await reading.until(() => reading.count() === 4);
      expect(reading.keys()).toEqual([...keys, undefined].map((key) => key?.toString('hex')));
    });
  }

  for (const compression of more.compressions ?? []) {
    test(`compresses with ${compression} and delivers the same bytes`, async () => {
      await using subject = await open();
      await using reading = await read(subject, `packed-${compression}`, { from: 'start' });
      const values = Array.from({ length: 100 }, (_, index) => Buffer.alloc(500, index % 7));
      await sendOnce(subject, { values }, { compression });
      await reading.until(() => reading.count() === values.length);
      expect(reading.of(0)).toEqual(values.map((value) => value.toString('hex')));
    });
  }

  const orders: Partial<ProducerOptions>[] = [
    { ordered: true },
    ...(more.idempotent === true ? [{ idempotent: true }, { idempotent: true, ordered: true }] : []),
  ];
  for (const options of orders) {
    test(`stores simultaneous sends in order with ${Object.keys(options).join(' and ')}`, async () => {
      await using subject = await open();
      await using reading = await read(subject, 'in-order', { from: 'start' });
      await using producer = await subject.traffic.producer({ acks: 'all', ...options });
      const sent = Array.from({ length: 60 }, (_, index) => `${index}`);
      await Promise.all(
        sent.map((word, index) => {
          const partition = index % subject.partitions;
          return producer.send({ topic: subject.topic, partition, values: words(word, word) }, soon());
        }),
      );
      await reading.until(() => reading.count() >= 2 * sent.length);
      for (let partition = 0; partition < subject.partitions; partition++) {
        const own = sent.filter((_, index) => index % subject.partitions === partition);
        expect(reading.of(partition)).toEqual(
          own.flatMap((word) => words(word, word).map((each) => each.toString('hex'))),
        );
      }
    });
  }
}

const patienceMs = 30_000;
export const soon = () => ({ signal: AbortSignal.timeout(patienceMs) });

export interface Reading extends AsyncDisposable {
  count(): number;
  /** Values of a partition in hex, in order of arrival. */
  of(partition: number): string[];
  words(): string[];
  /** Offsets in order of arrival. */
  offsets(): number[];
  /** Keys in hex, in order of arrival. */
  keys(): (string | undefined)[];
  /** Checks the condition after each batch. @throws if it stays false until the timeout */
  until(condition: () => boolean): Promise<void>;
}

/**
 * Resolves once the member has its partitions; from then on it misses no message.
 *
 * @param then what the callback does after it received the values
 */
export async function read(
  { traffic, topic }: Pick<TrafficSubject, 'traffic' | 'topic'>,
  group: string,
  options: Partial<ConsumerOptions> = {},
  then: OnBatch = () => {},
): Promise<Reading> {
  const arrived: { partition: number; value: Buffer; offset: number; key: string | undefined }[] = [];
  const stop = new AbortController();
  const { promise: assigned, resolve: onAssigned } = Promise.withResolvers<void>();
  const consumer = await traffic.consumer({ group: `${topic}-${group}`, topic, ...options });
  const onBatch = (batch: IncomingBatch) => {
    const { partition, values, offsets, keys } = batch;
    values.forEach((value, index) => {
      const offset = offsets[index] ?? NaN;
      // Views are only valid in the callback.
      arrived.push({ partition, value: Buffer.from(value), offset, key: keys?.[index]?.toString('hex') });
    });
    return then(batch);
  };
  const running = consumer.run(onBatch, { signal: stop.signal, onAssigned });
  await Promise.race([assigned, running]);
  return {
    count: () => arrived.length,
    of: (wanted) => arrived.filter(({ partition }) => partition === wanted).map(({ value }) => value.toString('hex')),
    words: () => arrived.map(({ value }) => value.toString()),
    offsets: () => arrived.map(({ offset }) => offset),
    keys: () => arrived.map(({ key }) => key),
    async until(condition) {
      const { signal } = soon();
      while (!condition()) {
        if (signal.aborted) throw new Error(`${arrived.length} values arrived and no more`);
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 10)), running]);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await consumer[Symbol.asyncDispose]();
    },
  };
}
