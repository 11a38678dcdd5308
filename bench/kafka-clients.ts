// Compares the cost of a message between platformatic and kafkajs on one broker.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { IncomingBatch, TrafficDriver } from '../brokers/driver.ts';
import { clientNames, KafkaClusterConfig, type KafkaClientName } from '../brokers/kafka/config.ts';
import { drivers } from '../brokers/registry.ts';
import type { Clock } from '../core/clock.ts';
import { interleave, median, type Bench, type BenchResult } from './bench.ts';
import { readPackageVersion } from './package-version.ts';
import { runPlimsoll } from './plimsoll-command.ts';

const topic = 'bench-kafka-clients';
const partitions = 4;
const valueBytes = 500;
const batchValues = 200;
/** Produce requests under way at once, over all partitions. */
const underWay = 8;
const produceSeconds = 2;
/** Read by every consumer of every round: 150 MB of values. */
const storedMessages = 300_000;
const rounds = 3;

const LabDocument = z.object({ brokers: z.array(z.object({ address: z.string() })) });

interface Cost {
  perSecond: number;
  perCpuSecond: number;
}

export const kafkaClients = {
  name: 'kafka-clients',
  summary: 'producing and consuming with @platformatic/kafka beside kafkajs',
  options: {
    version: { type: 'string', value: 'VERSION', help: 'of Kafka: 4.3.1 (default), 3.9.2 or 2.8.2' },
  },

  async run({ options, stderr, signal, clock }) {
    const version = String(options['version'] ?? '4.3.1');
    await using cleanUp = new AsyncDisposableStack();
    const { path: folder } = cleanUp.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-clients-')));
    const state = ['--state-dir', join(folder, 'state')];
    cleanUp.defer(async () => void (await runPlimsoll(['lab', 'down', ...state], { stderr, signal: undefined })));
    const lab = await runPlimsoll(['lab', 'up', 'kafka', '--version', version, '--json', ...state], { stderr, signal });
    const bootstrap = LabDocument.parse(JSON.parse(lab)).brokers.map(({ address }) => address);
    const configOf = (client: KafkaClientName) => KafkaClusterConfig.parse({ broker: 'kafka', bootstrap, client });
    const io = { signal };

    await using admin = await drivers.kafka.administer('bench', configOf('platformatic'), io);
    await admin.createTopic({ name: topic, partitions, replicationFactor: 1 }, io);
    const traffic = {
      platformatic: await drivers.kafka.traffic('bench', configOf('platformatic'), io),
      kafkajs: await drivers.kafka.traffic('bench', configOf('kafkajs'), io),
    };
    for (const driver of Object.values(traffic)) cleanUp.use(driver);

    // A group that was there when the topic was empty has its place at the start, and reads all that comes after.
    for (let round = 0; round < rounds; round++) {
      for (const client of clientNames) await takePlace(traffic[client], groupOf(client, round), signal);
    }
    stderr.write(`Kafka ${version}: producing\n`);
    const produced = await measured((client) => produce(traffic[client], clock, signal));
    await store(traffic.platformatic, signal);
    stderr.write('consuming\n');
    const round = { platformatic: 0, kafkajs: 0 };
    const consumed = await measured((client) =>
      consume(traffic[client], groupOf(client, round[client]++), clock, signal),
    );

    const peer = await readPackageVersion('kafkajs');
    const row = (
      metric: string,
      unit: string,
      figures: Record<KafkaClientName, number>,
      goal: string,
      met: boolean,
    ): BenchResult => ({
      metric: `${metric}, Kafka ${version}`,
      unit,
      ours: figures.platformatic,
      peer: { name: 'kafkajs', version: peer, value: figures.kafkajs },
      goal,
      met,
    });
    const atLeast = (factor: number, { platformatic, kafkajs }: Record<KafkaClientName, number>) =>
      platformatic >= factor * kafkajs;
    return [
      row(
        'produce, batches of 200 × 500 B',
        'msg/s of CPU',
        produced.perCpuSecond,
        'at least 2 × kafkajs',
        atLeast(2, produced.perCpuSecond),
      ),
      row('produce, 8 under way', 'msg/s', produced.perSecond, 'at least kafkajs', atLeast(1, produced.perSecond)),
      row(
        'consume 500 B',
        'msg/s of CPU',
        consumed.perCpuSecond,
        'at least kafkajs',
        atLeast(1, consumed.perCpuSecond),
      ),
      row('consume 500 B', 'msg/s', consumed.perSecond, 'at least 50,000', consumed.perSecond.platformatic >= 50_000),
    ];
  },
} satisfies Bench;

const each = <Value>(of: (client: KafkaClientName) => Promise<Value>) => ({
  platformatic: () => of('platformatic'),
  kafkajs: () => of('kafkajs'),
});

const groupOf = (client: KafkaClientName, round: number) => `bench-${client}-${round}`;

/** In turns; the median of each figure for each client. */
async function measured(
  work: (client: KafkaClientName) => Promise<Cost>,
): Promise<{ perSecond: Record<KafkaClientName, number>; perCpuSecond: Record<KafkaClientName, number> }> {
  const rates: Record<KafkaClientName, number[]> = { platformatic: [], kafkajs: [] };
  const perCpuSecond = await interleave(
    each(async (client) => {
      const cost = await work(client);
      rates[client].push(cost.perSecond);
      return cost.perCpuSecond;
    }),
    rounds,
  );
  return { perCpuSecond, perSecond: { platformatic: median(rates.platformatic), kafkajs: median(rates.kafkajs) } };
}

/** The process does nothing else meanwhile, so its CPU is the client's. */
async function costOf(clock: Clock, work: () => Promise<number>): Promise<Cost> {
  const start = clock.monotonic();
  const cpuStart = process.cpuUsage();
  const messages = await work();
  const { user, system } = process.cpuUsage(cpuStart);
  return { perSecond: messages / (clock.monotonic() - start), perCpuSecond: messages / ((user + system) / 1e6) };
}

const values = Array.from({ length: batchValues }, () => Buffer.alloc(valueBytes, 'x'));

async function produce(traffic: TrafficDriver, clock: Clock, signal: AbortSignal): Promise<Cost> {
  await using producer = await traffic.producer({ acks: 'leader' });
  return await costOf(clock, async () => {
    const end = clock.monotonic() + produceSeconds;
    let messages = 0;
    const lanes = Array.from({ length: underWay }, async (_, lane) => {
      while (clock.monotonic() < end) {
        await producer.send({ topic, partition: lane % partitions, values }, { signal });
        messages += values.length;
      }
    });
    await Promise.all(lanes);
    return messages;
  });
}

/** What rounds of producing left may be less than the consumers are to read. */
async function store(traffic: TrafficDriver, signal: AbortSignal): Promise<void> {
  await using producer = await traffic.producer({ acks: 'leader' });
  for (let sent = 0; sent < storedMessages; sent += values.length) {
    await producer.send({ topic, partition: (sent / values.length) % partitions, values }, { signal });
  }
}

async function takePlace(traffic: TrafficDriver, group: string, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  await using consumer = await traffic.consumer({ group, topic });
  await consumer.run(() => {}, { signal: AbortSignal.any([signal, stop.signal]), onAssigned: () => stop.abort() });
}

/** From joining to the last value stored, so that what a client reads ahead while it joins is paid for. */
async function consume(traffic: TrafficDriver, group: string, clock: Clock, signal: AbortSignal): Promise<Cost> {
  const stop = new AbortController();
  await using consumer = await traffic.consumer({ group, topic });
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  let messages = 0;
  const onBatch = ({ values: { length } }: IncomingBatch) => {
    messages += length;
    if (messages >= storedMessages) resolve();
  };
  let running = Promise.resolve();
  const cost = await costOf(clock, async () => {
    running = consumer.run(onBatch, { signal: AbortSignal.any([signal, stop.signal]) });
    await Promise.race([enough, running]);
    return messages;
  });
  stop.abort();
  await running;
  return cost;
}
