// What must every TrafficDriver do, the one in memory included? Run over each client of each broker, and over the fake.

import { expect, test } from 'vitest';
import type { IncomingBatch, TrafficDriver } from '../../brokers/driver.ts';

export interface TrafficSubject extends AsyncDisposable {
  traffic: TrafficDriver;
  /** Exists, is empty, and is this test's alone. */
  topic: string;
  partitions: number;
}

/** @param open gives a driver and a fresh topic of at least two partitions */
export function conformsAsTraffic(open: () => Promise<TrafficSubject>): void {
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

  test('carries many batches at once and loses none', async () => {
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

  test('starts a new group at the end of the log and a known group after what it consumed', async () => {
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

  test('shares the partitions among the members of a group and gives every group all of them', async () => {
    await using subject = await open();
    await using one = await read(subject, 'shared');
    await using two = await read(subject, 'shared');
    await using other = await read(subject, 'alone');
    await using producer = await subject.traffic.producer({ acks: 'all' });
    const total = () => one.count() + two.count();
    let sent = 0;
    // The first member keeps its partitions until the group has agreed anew; what it reads until then counts too.
    for (; two.count() === 0 || one.count() === 0 || sent < 20; sent++) {
      const partition = sent % subject.partitions;
      await producer.send({ topic: subject.topic, partition, values: [Buffer.from(`${sent}`)] }, soon());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await one.until(() => total() === sent);
    await other.until(() => other.count() === sent);
    expect(new Set([...one.words(), ...two.words()]).size).toBe(sent);
  });

  test('resolves a send with acks none though nobody answers, and delivers it', async () => {
    await using subject = await open();
    await using reading = await read(subject, 'unanswered');
    await using producer = await subject.traffic.producer({ acks: 'none' });
    await producer.send({ topic: subject.topic, partition: 0, values: [Buffer.from('sent')] }, soon());
    await reading.until(() => reading.count() === 1);
  });

  test('refuses a topic that does not exist in words, and makes none', async () => {
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

  test('tells every partition and who leads it, and reads back what was sent to each from where it was stored', async () => {
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

  test('waits for an offset to be written, and reads on from there when others wrote it', async () => {
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

  test('refuses to send to and read back from a topic that does not exist, in words', async () => {
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

const patienceMs = 30_000;
const soon = () => ({ signal: AbortSignal.timeout(patienceMs) });

interface Reading extends AsyncDisposable {
  count(): number;
  /** Hex of the values of a partition, in order of arrival. */
  of(partition: number): string[];
  words(): string[];
  /** Looked at after each batch. @throws when it does not come true in time */
  until(condition: () => boolean): Promise<void>;
}

/** Resolves once the member has its partitions; from then on nothing is missed. */
async function read({ traffic, topic }: TrafficSubject, group: string): Promise<Reading> {
  const arrived: { partition: number; value: Buffer }[] = [];
  const stop = new AbortController();
  const { promise: assigned, resolve: onAssigned } = Promise.withResolvers<void>();
  const consumer = await traffic.consumer({ group: `${topic}-${group}`, topic });
  const onBatch = ({ partition, values }: IncomingBatch) => {
    // Views are valid in the callback only.
    for (const value of values) arrived.push({ partition, value: Buffer.from(value) });
  };
  const running = consumer.run(onBatch, { signal: stop.signal, onAssigned });
  await Promise.race([assigned, running]);
  return {
    count: () => arrived.length,
    of: (wanted) => arrived.filter(({ partition }) => partition === wanted).map(({ value }) => value.toString('hex')),
    words: () => arrived.map(({ value }) => value.toString()),
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
