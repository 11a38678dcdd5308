// Checks that a captured topic matches the sent messages, and that a capture leaves nothing behind.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import type { ClusterConfig } from '../../../brokers/config.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { packedSizeOf } from '../../../brokers/packed-size.ts';
import { CapturedTopic } from '../../../core/documents/captured-topic.ts';
import { payloadHeaderWords, writeHeader } from '../../../loadgen/delivery/payload-header.ts';
import { makeValues } from '../../../loadgen/plan/messages/make-values.ts';
import { createMessages } from '../../../loadgen/plan/messages/message-source.ts';
import { findRandomShare } from '../../../loadgen/plan/messages/target-ratio.ts';
import { startKafka } from '../../support/kafka.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const topic = 'orders';
const batchMessages = 50;

/** Sends 20 batches a second of messages with known sizes, keys and compression ratio, until aborted. */
async function feed(config: ClusterConfig, signal: AbortSignal): Promise<void> {
  const spec = {
    seed: 9,
    sizes: {
      kind: 'weighted' as const,
      sizes: [
        { bytes: 300, weight: 7 },
        { bytes: 3000, weight: 3 },
      ],
    },
    keys: { kind: 'uniform' as const, distinct: 50, bytes: 12 },
  };
  const found = findRandomShare(spec, 2.5, await packedSizeOf('kafka', 'lz4'));
  if (found.kind !== 'reached') throw new Error(`at most ${found.highest}`);
  const messages = createMessages({ ...spec, filler: { kind: 'mixed', randomShare: found.randomShare } });
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) };
  await using traffic = await driverOf(config).traffic('fed', config, io);
  await using producer = await traffic.producer({ acks: 'all' });
  for (let batch = 0; !signal.aborted; batch++) {
    const numbers = Array.from({ length: batchMessages }, (_, i) => batch * batchMessages + i);
    const values = makeValues(
      messages,
      batchMessages,
      payloadHeaderWords,
      (i) => numbers[i] ?? 0,
      (_value, i, words, offset) => writeHeader(words, offset, 7, numbers[i] ?? 0, 1e15),
    );
    await producer.send({ topic, partition: batch % 2, values, keys: numbers.map((n) => messages.keyOf(n)) }, io);
    await delay(50);
  }
}

async function captureOf(config: ClusterConfig, configPath: string): Promise<CapturedTopic> {
  const io = { signal: AbortSignal.timeout(60_000) };
  await using admin = await driverOf(config).administer('fed', config, io);
  await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io);
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-capture-'));
  const enough = new AbortController();
  const feeding = feed(config, enough.signal).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  try {
    const out = join(folder, 'orders.json');
    const words = ['capture', '--config', configPath, '--topic', topic, '--for', '5s', '--out', out];
    const { exitCode, stderr } = await plimsoll(words);
    expect({ exitCode, failure: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, failure: '' });
    return CapturedTopic.parse(JSON.parse(await readFile(out, 'utf8')));
  } finally {
    enough.abort();
    await feeding;
    await rm(folder, { recursive: true });
  }
}

async function groupsOf(config: ClusterConfig): Promise<string[]> {
  const io = { signal: AbortSignal.timeout(30_000) };
  await using inspector = await driverOf(config).inspect('fed', config, io);
  const { groups } = await inspector.snapshot(io);
  return groups.map(({ name }) => name).filter((name) => name.includes('capture'));
}

function expectWhatWasSent({ sizes, keys, compression, rate, partitions }: CapturedTopic): void {
  const share = (bytes: number) => {
    const all = sizes.reduce((sum, { count }) => sum + count, 0);
    return (sizes.find(({ from, to }) => from <= bytes && bytes <= to)?.count ?? 0) / all;
  };
  expect(partitions).toBe(2);
  expect(share(300) + share(3000)).toBe(1);
  expect(share(300)).toBeCloseTo(0.7, 1);
  expect(keys).toMatchObject({ distinct: 50, bytes: 12 });
  expect(compression.lz4).toBeGreaterThan(2.2);
  expect(compression.lz4).toBeLessThan(2.8);
  // The sender waits for each response, so it is a little slower than configured.
  const mean = rate.reduce((sum, point) => sum + point.rate, 0) / rate.length;
  expect(rate).toHaveLength(5);
  expect(mean).toBeGreaterThan(300);
  expect(mean).toBeLessThan(1050);
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'a Kafka topic is captured, and no group is left behind',
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      expectWhatWasSent(await captureOf(config, kafka.configPath));
      expect(await groupsOf(config)).toEqual([]);
    },
    120_000,
  );

  requires('java', 'maven').test(
    'a RocketMQ topic is captured, and no group is left behind',
    async () => {
      await using rocketmq = await startRocketmq();
      expectWhatWasSent(await captureOf(rocketmq.config, rocketmq.configPath));
      expect(await groupsOf(rocketmq.config)).toEqual([]);
    },
    180_000,
  );
}
