// Compares lag in seconds with timestamps of messages, also across network failures and with transactions.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { createLagClock } from '../../exporter/lag/lag-clock.ts';
import { freePorts } from '../../lab/free-port.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startKafka } from '../support/kafka.ts';
import { requires } from '../support/prerequisites.ts';

const group = 'billing';
const topic = 'orders';

requires('java', 'maven').test(
  'the time lag of a live group matches the readings around its next message, and continues while a broker hangs',
  async () => {
    const signal = AbortSignal.timeout(150_000);
    const [port = 0] = await freePorts(1);
    await using proxy = await startFaultProxy();
    await using kafka = await startKafka({
      properties: {
        listeners: `PROXIED://127.0.0.1:${port}`,
        'advertised.listeners': `PROXIED://${proxy.address}`,
        'listener.security.protocol.map': 'PROXIED:PLAINTEXT',
      },
    });
    proxy.leadTo(`127.0.0.1:${port}`);
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [proxy.address] });
    await using inspector = await kafkaDriver.inspect('lab', config, { signal });
    await using lagClock = createLagClock({ clock: systemClock, log: createLogger('silent') });

    /** Reads like the exporter at each scrape, and returns the time. */
    async function read() {
      const snapshot = await inspector.snapshot({ signal });
      const times = lagClock.observe(snapshot);
      const lag = lagOf(snapshot);
      return { at: Date.now(), snapshot, lag, time: lag && times.of(group, lag) };
    }

    const client = new Kafka({ brokers: kafka.bootstrap, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
    const [admin, producer] = [client.admin(), client.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
    await using _ = {
      [Symbol.asyncDispose]: async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])),
    };
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    const send = async () => {
      const [sent] = await producer.send({ topic, messages: [{ value: 'x' }] });
      return BigInt(sent?.baseOffset ?? -1);
    };
    const commit = (offset: bigint) =>
      admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: String(offset) }] });

    await send();
    await commit(1n);
    const idle = await read();
    expect(idle.time).toEqual({ seconds: 0, method: 'caught-up', ageSeconds: 0 });

    await systemClock.sleep(seconds(1), { signal });
    const next = await send();
    const seen = await read();
    const truth = await storedAt(client, next);
    await systemClock.sleep(seconds(2), { signal });
    const later = await read();
    // The message arrived between the first and second reading, so the third knows its age with that precision.
    expect(later.time?.method).toBe('interpolated');
    const age = (later.at - truth) / 1000;
    const [shortest, longest] = [(later.at - seen.at) / 1000, (later.at - idle.at) / 1000];
    expect(shortest <= age && age <= longest).toBe(true);
    expect(later.time?.seconds).toBeGreaterThanOrEqual(shortest - 0.1);
    expect(later.time?.seconds).toBeLessThanOrEqual(longest + 0.1);

    // A new process has no history, so it reads the timestamp from the broker.
    {
      await using fresh = await kafkaDriver.inspect('lab', config, { signal });
      await using freshClock = createLagClock({ clock: systemClock, log: createLogger('silent') });
      const began = Date.now();
      const snapshot = await fresh.snapshot({ signal });
      const lag = lagOf(snapshot);
      expect(lag?.nextStoredAtMs).toBe(truth);
      const time = lag && freshClock.observe(snapshot).of(group, lag);
      expect(time?.method).toBe('store-time');
      expect(time?.seconds).toBeGreaterThanOrEqual((began - truth) / 1000 - 0.1);
      expect(time?.seconds).toBeLessThanOrEqual((Date.now() - truth) / 1000 + 0.1);
      // Two of these, every ten minutes, check whether transactions are hidden from this user.
      expect(snapshot.requests).toMatchObject({ Fetch: 1, ListOffsets: 5 });
    }

    // From here on the broker accepts requests but sends no responses.
    proxy.set({ kind: 'black-hole' });
    const hung = await read();
    expect(proxy.lostBytes).toBeGreaterThan(0);
    expect(hung.snapshot.sections.some(({ section, kind }) => section === 'offsets' && kind !== 'fresh')).toBe(true);
    expect(hung.lag).toEqual(later.lag);
    expect(hung.time?.ageSeconds).toBeGreaterThan(0);
    expect(hung.time?.seconds).toBeGreaterThan(later.time?.seconds ?? NaN);

    proxy.set({ kind: 'reset' });
    proxy.set({ kind: 'none' });
    await commit(next + 1n);
    await expect.poll(async () => (await read()).time, { timeout: 60_000 }).toEqual(idle.time);
  },
  170_000,
);

requires('java', 'maven').test(
  'a group that committed the offset after its last message has caught up before a transaction marker',
  async () => {
    const signal = AbortSignal.timeout(100_000);
    await using kafka = await startKafka();
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using inspector = await kafkaDriver.inspect('lab', config, { signal });
    await using lagClock = createLagClock({ clock: systemClock, log: createLogger('silent') });
    async function read() {
      const snapshot = await inspector.snapshot({ signal });
      const times = lagClock.observe(snapshot);
      const lag = lagOf(snapshot);
      return { committed: lag?.committed, end: lag?.end, time: lag && times.of(group, lag) };
    }

    const client = new Kafka({ brokers: kafka.bootstrap, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
    const admin = client.admin();
    const producer = client.producer({ transactionalId: 'orders-writer', idempotent: true, maxInFlightRequests: 1 });
    await Promise.all([admin.connect(), producer.connect()]);
    await using _ = {
      [Symbol.asyncDispose]: async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])),
    };
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    const send = async () => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: 'x' }] });
      await transaction.commit();
    };
    const commit = (offset: string) =>
      admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset }] });
    const caughtUp = { seconds: 0, method: 'caught-up', ageSeconds: 0 };

    // A message at 0 and its marker at 1, both stored before the first reading.
    await send();
    await commit('1');
    await expect.poll(read, { timeout: 20_000 }).toEqual({ committed: 1n, end: 2n, time: caughtUp });

    await send();
    await expect.poll(read, { timeout: 20_000 }).toMatchObject({ end: 4n, time: { method: 'interpolated' } });
    await commit('3');
    await expect.poll(read, { timeout: 20_000 }).toEqual({ committed: 3n, end: 4n, time: caughtUp });
  },
  120_000,
);

const lagOf = ({ groups }: ClusterSnapshot) => [...(groups.find(({ name }) => name === group)?.partitions ?? [])][0];

/** Returns the timestamp of the record, in milliseconds since the epoch. */
async function storedAt(client: Kafka, offset: bigint): Promise<number> {
  const consumer = client.consumer({ groupId: 'truth' });
  await consumer.connect();
  try {
    const { promise, resolve } = Promise.withResolvers<number>();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (BigInt(message.offset) === offset) resolve(Number(message.timestamp));
      },
    });
    return await promise;
  } finally {
    await consumer.disconnect();
  }
}
