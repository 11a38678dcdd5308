import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TrafficProducer } from '../../brokers/driver.ts';
import { drivers } from '../../brokers/registry.ts';
import { seconds } from '../../core/clock.ts';
import { read } from '../conformance/traffic.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startProxiedKafka, type ProxiedKafka } from '../support/proxied-kafka.ts';

const soon = () => ({ signal: AbortSignal.timeout(120_000) });
const topic = 'lost-answers';
const partitions = 3;
const batches = 400;

if (fullMatrix) {
  requires('java', 'maven').describe('three brokers whose responses are lost repeatedly', () => {
    for (const version of ['4.3.1', '2.8.2']) {
      test(`store each batch of an idempotent producer once and in order: Kafka ${version}`, { timeout: 240_000 }, () =>
        sentThroughTrouble(version, { acks: 'all', idempotent: true }),
      );

      test(`commit each message once: Kafka ${version}`, { timeout: 240_000 }, () =>
        sentThroughTrouble(version, { acks: 'all', transactions: { id: topic, duration: seconds(1) } }),
      );
    }
  });
}

async function sentThroughTrouble(
  version: string,
  options: Parameters<Awaited<ReturnType<typeof drivers.kafka.traffic>>['producer']>[0],
): Promise<void> {
  await using proxied = await startProxiedKafka({ version });
  await using admin = await drivers.kafka.administer('lab', proxied.config, soon());
  await admin.createTopic({ name: topic, partitions, replicationFactor: 3 }, soon());
  await using traffic = await drivers.kafka.traffic('lab', proxied.config, soon());
  await using producer = await traffic.producer(options);
  const trouble = new AbortController();
  const lost = loseAnswers(proxied, trouble.signal);
  const outcomes = await send(producer);
  trouble.abort();
  await lost;
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  expect(failed).toEqual([]);
  expect(proxied.brokers.reduce((sum, { proxy }) => sum + proxy.lostBytes, 0)).toBeGreaterThan(0);

  await using reading = await read({ traffic, topic }, 'after', { from: 'start', readCommitted: true });
  await reading.until(() => reading.count() >= batches);
  for (let partition = 0; partition < partitions; partition++) {
    const words = reading.of(partition).map((hex) => Number(Buffer.from(hex, 'hex').toString()));
    expect(words).toEqual(
      Array.from({ length: batches }, (_, index) => index).filter((i) => i % partitions === partition),
    );
  }
}

async function send(producer: TrafficProducer): Promise<PromiseSettledResult<void>[]> {
  const sends: Promise<void>[] = [];
  for (let number = 0; number < batches; number++) {
    const values = [Buffer.from(String(number))];
    sends.push(producer.send({ topic, partition: number % partitions, values }, soon()));
    await pause(20);
  }
  return Promise.allSettled(sends);
}

/** Drops the broker's responses and resets the connection, after requests have reached it. */
async function loseAnswers({ brokers }: ProxiedKafka, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await pause(700);
    const proxy = brokers[turn % brokers.length]?.proxy;
    proxy?.set({ kind: 'reset', afterBytes: 30 }, 'to-client');
    await pause(60);
    proxy?.set({ kind: 'none' }, 'to-client');
  }
}
