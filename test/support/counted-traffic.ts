// Sends numbered messages to a Kafka topic without pause, and checks the delivery of acknowledged ones.

import { setTimeout as delay } from 'node:timers/promises';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { sendPhases, type Phase } from './send-phases.ts';

export interface CountedTraffic extends AsyncDisposable {
  /** Messages acknowledged so far. */
  acknowledged(): number;
  /** Assigns subsequent sends to this phase. */
  phase(name: string): void;
  /** Stops sending, and reads the topic to its end. */
  settle(): Promise<{
    acknowledged: number;
    lost: number;
    duplicates: number;
    /** Messages stored behind a later one of their partition. */
    reordered: number;
    failedSends: number;
    phases: Record<string, Phase>;
  }>;
}

const partitions = 3;
const batch = 20;

/** Sends with acks=all and idempotence; a failed send is retried with the same numbers until it is acknowledged. */
export async function countedTraffic(
  bootstrap: readonly string[],
  replicas: number,
  { topic = 'counted', mostSeconds = 450 }: { topic?: string; mostSeconds?: number } = {},
): Promise<CountedTraffic> {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [...bootstrap] });
  const io = { signal: AbortSignal.timeout(mostSeconds * 1000) };
  {
    await using admin = await kafkaDriver.administer('lab', config, io);
    await admin.createTopic({ name: topic, partitions, replicationFactor: replicas }, io);
  }
  const driver = await kafkaDriver.traffic('lab', config, io);
  const acknowledged = new Set<number>();
  const phases = sendPhases('before');
  let failedSends = 0;
  let next = 0;
  let isOver = false;

  async function sendTo(partition: number): Promise<void> {
    let producer = await driver.producer({ acks: 'all', idempotent: true });
    try {
      while (!isOver) {
        const first = next;
        next += batch;
        const values = Array.from({ length: batch }, (_, index) => Buffer.from(String(first + index)));
        const timed = phases.begin();
        for (let sent = false; !sent && !io.signal.aborted;) {
          try {
            await producer.send({ topic, partition, values }, { signal: AbortSignal.timeout(10_000) });
            sent = true;
          } catch (error) {
            if (!(error instanceof AppError) && (error as Error).name !== 'TimeoutError') throw error;
            failedSends += 1;
            timed.sentAgain();
            await producer[Symbol.asyncDispose]().then(undefined, ignoreFault('it failed before'));
            await delay(200);
            producer = await driver.producer({ acks: 'all', idempotent: true });
          }
        }
        timed.end();
        for (let index = 0; index < batch; index += 1) acknowledged.add(first + index);
        await delay(10);
      }
    } finally {
      await producer[Symbol.asyncDispose]();
    }
  }

  const sending = Promise.all(Array.from({ length: partitions }, (_, partition) => sendTo(partition)));
  const stop = async () => {
    isOver = true;
    await sending;
  };
  return {
    acknowledged: () => acknowledged.size,
    phase: (name) => phases.enter(name),
    async settle() {
      await stop();
      const seen = new Map<number, number>();
      const highest = new Map<number, number>();
      let reordered = 0;
      const enough = new AbortController();
      const consumer = await driver.consumer({ group: `${topic}-readers`, topic, from: 'start', commits: 'never' });
      let quiet = Date.now();
      const watch = setInterval(() => {
        if (Date.now() - quiet > 5000) enough.abort();
      }, 200);
      await consumer.run(
        ({ partition, values }) => {
          quiet = Date.now();
          for (const value of values) {
            const number = Number(value.toString());
            const before = highest.get(partition) ?? -1;
            if (number < before && !seen.has(number)) reordered += 1;
            highest.set(partition, Math.max(before, number));
            seen.set(number, (seen.get(number) ?? 0) + 1);
          }
        },
        { signal: enough.signal, onAssigned: () => (quiet = Date.now()) },
      );
      clearInterval(watch);
      await consumer[Symbol.asyncDispose]();
      const lost = [...acknowledged].filter((number) => !seen.has(number)).length;
      const duplicates = [...seen.values()].reduce((sum, times) => sum + times - 1, 0);
      return { acknowledged: acknowledged.size, lost, duplicates, reordered, failedSends, phases: phases.table() };
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await driver[Symbol.asyncDispose]();
    },
  };
}
