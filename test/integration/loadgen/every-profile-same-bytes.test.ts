// Checks that message n has the same key, partition and bytes for any number of workers.

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { payloadHeaderBytes, readNumber } from '../../../loadgen/delivery/payload-header.ts';
import { startKafka } from '../../support/kafka.ts';
import { driveMatrixRun } from '../../support/matrix-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const workload = (workers: number) => ({
  messageSize: [
    { size: '100B', weight: 80 },
    { size: '5KiB', weight: 20 },
  ],
  keys: { kind: 'zipf', distinct: 1000 },
  partitions: 6,
  groups: 0,
  seed: 7,
  workers,
  warmUp: '0s',
  profile: { kind: 'constant', rate: 300, duration: '5s' },
});

/** Partition, key and a digest of the body by number; the header before the body contains name and times of a run. */
async function messagesIn(bootstrap: readonly string[], topic: string, count: number): Promise<Map<number, string>> {
  const kafka = new Kafka({ brokers: [...bootstrap], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reads-${topic}` });
  const found = new Map<number, string>();
  let read = 0;
  const all = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value } }) => {
      if (value === null) return;
      const body = createHash('sha256').update(value.subarray(payloadHeaderBytes)).digest('hex');
      found.set(readNumber(value), `${partition} ${key?.toString()} ${value.length} ${body}`);
      read += 1;
      if (read === count) all.resolve();
    },
  });
  await all.promise;
  await consumer.disconnect();
  return found;
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'one worker and three workers send the same messages',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-same-bytes-'));
      await using kafka = await startKafka();
      try {
        const [one, three] = await Promise.all(
          [1, 3].map(async (workers) => {
            const site = { folder, configPath: kafka.configPath };
            const { topics, ledger } = await driveMatrixRun(`workers ${workers}`, workload(workers), site);
            expect(ledger.acknowledged).toBe(1500);
            return messagesIn(kafka.bootstrap, topics[0] ?? '', ledger.acknowledged);
          }),
        );
        expect([...(one?.keys() ?? [])].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1500 }, (_, n) => n));
        expect(three).toEqual(one);
        expect(new Set(one?.values()).size).toBe(1500);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    240_000,
  );
}
