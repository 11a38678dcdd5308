// Compares the cost of sending and receiving with Apache's benchmark programs on the same broker.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { drivers } from '../brokers/registry.ts';
import { ask } from '../brokers/rocketmq/ask.ts';
import { RocketmqClusterConfig } from '../brokers/rocketmq/config.ts';
import { encodeGetTopicStats } from '../brokers/rocketmq/protocol/topic-requests.ts';
import { createRemotingClient } from '../brokers/rocketmq/protocol/remoting-client.ts';
import { seconds } from '../core/clock.ts';
import { ignoreFault } from '../core/errors.ts';
import { interleave, type BenchIo, type BenchResult } from './bench.ts';
import {
  measuredSeconds,
  messageBytes,
  ourReads,
  ourSends,
  partitions,
  row,
  store,
  warmUpSeconds,
} from './generator-cost.ts';
import {
  consumerPerformance,
  kafkaTools,
  measureJava,
  producerPerformance,
  rocketmqExample,
  rocketmqExampleVersion,
  rocketmqProducer,
  type JavaJars,
  type JavaProgram,
} from './java-clients.ts';
import { startLab } from './scrape-contenders.ts';

/** Limit of the data that a bench leaves on disk, enough for two brokers. */
const keptBytes = 128 * 2 ** 20;

export const besideJava = async (
  io: BenchIo,
  of: (io: BenchIo, lab: AsyncDisposableStack) => Promise<BenchResult[]>,
) => {
  await using lab = new AsyncDisposableStack();
  return await of(io, lab);
};

async function kafkaLab(io: BenchIo, cleanUp: AsyncDisposableStack) {
  const { signal, stderr } = io;
  const version = String(io.options['kafka'] ?? '4.3.1');
  const jars = await kafkaTools(version, { signal, progress: (line) => stderr.write(`${line}\n`) });
  const { folder, broker } = await startLab(['kafka', '--version', version], cleanUp, io);
  const cluster = { broker: 'kafka', bootstrap: [broker.address] };
  const admin = cleanUp.use(await drivers.kafka.administer('bench', KafkaClusterConfig.parse(cluster), io));
  return { jars, folder, address: broker.address, cluster, admin, version: `Apache Kafka ${version}` };
}

export async function kafkaProduce(io: BenchIo, cleanUp: AsyncDisposableStack): Promise<BenchResult[]> {
  const { jars, folder, address, cluster, admin, version } = await kafkaLab(io, cleanUp);
  const config = { 'retention.bytes': String(Math.floor(keptBytes / partitions)), 'segment.bytes': String(2 ** 24) };
  await admin.createTopic({ name: 'sent', partitions, replicationFactor: 1, config }, io);
  const payloads = join(folder, 'payloads');
  await writeFile(payloads, payloadLines());
  const warmUp = { seconds: warmUpSeconds };
  const contenders = (acks: 'leader' | 'all') => {
    // Generates the bytes of each message, as the load generator does.
    const program = producerPerformance(address, 'sent', { acks, payload: { 'record-size': String(messageBytes) } });
    tellCommand(io, program);
    return {
      ours: () => ourSends(io, { cluster, topic: 'sent', workload: { acks }, load: 'most' }),
      java: () => theirs(io, jars, program, warmUp),
    };
  };
  const ready = producerPerformance(address, 'sent', { acks: 'leader', payload: { 'payload-file': payloads } });
  tellCommand(io, ready);
  const leader = await interleave({ ...contenders('leader'), ready: () => theirs(io, jars, ready, warmUp) });
  const all = await interleave(contenders('all'));
  const besideReady = ratio('Kafka produce, acks=1', { ...leader, java: leader.ready }, [
    'the same, of ready bytes',
    version,
  ]);
  return [
    ratio('Kafka produce, acks=1', leader, ['ProducerPerformance', version], 1.3),
    besideReady,
    ratio('Kafka produce, acks=all', all, ['ProducerPerformance', version], 1.2),
  ];
}

export async function kafkaConsume(io: BenchIo, cleanUp: AsyncDisposableStack): Promise<BenchResult[]> {
  const { jars, address, cluster, admin, version } = await kafkaLab(io, cleanUp);
  await admin.createTopic({ name: 'stored', partitions, replicationFactor: 1 }, io);
  const messages = await store(io, cluster);
  let round = 0;
  const warmUpMessages = Math.floor(0.4 * messages);
  const program = (group: string) => consumerPerformance(address, 'stored', group, messages);
  tellCommand(io, program('java-0'));
  const read = await interleave({
    ours: () => ourReads(io, { cluster, topic: 'stored', group: `ours-${++round}`, messages, warmUpMessages }),
    java: () => theirs(io, jars, program(`java-${++round}`), { messages: warmUpMessages }),
  });
  return [ratio('Kafka consume', read, ['ConsumerPerformance', version], 0.5)];
}

export async function rocketmq(io: BenchIo, cleanUp: AsyncDisposableStack): Promise<BenchResult[]> {
  const { signal, stderr } = io;
  const version = String(io.options['rocketmq'] ?? '5.3.3');
  const jars = await rocketmqExample({ signal, progress: (line) => stderr.write(`${line}\n`) });
  const { nameServers, broker } = await startLab(['rocketmq', '--version', version], cleanUp, io);
  const namesrv = nameServers.map(({ address }) => address);
  const cluster = { broker: 'rocketmq', namesrv };
  const config = RocketmqClusterConfig.parse(cluster);
  await using admin = await drivers.rocketmq.administer('bench', config, io);
  await admin.createTopic({ name: 'sent', partitions, replicationFactor: 1 }, io);
  await using counting = createRemotingClient({ name: 'bench', config });
  /** Returns stored messages; undefined if an overloaded broker does not respond. */
  const stored = async () => {
    const attempt = { action: 'count what is stored', address: broker.address };
    const asked = ask(counting, attempt, encodeGetTopicStats('sent'), {
      signal,
      within: seconds(2),
    });
    const queues = await asked.catch(ignoreFault('the next attempt asks again'));
    return queues?.reduce((sum, { end = 0n }) => sum + Number(end), 0);
  };
  const send = async (isAsync: boolean) => {
    const program = rocketmqProducer(namesrv.join(';'), 'sent', { isAsync, messageBytes, stored });
    tellCommand(io, program);
    // The same concurrency as Java's 64 threads; or as much as possible.
    const load = isAsync ? ('most' as const) : { lanes: 64 };
    const workload = { acks: 'all', requests: 'single' };
    return await interleave({
      ours: () => ourSends(io, { cluster, topic: 'sent', workload, load }),
      // Java prints nothing in its first ten seconds, which makes its warm-up longer than ours.
      java: () =>
        theirs(io, jars, program, { seconds: 0 }).catch((error: unknown) => {
          // Overloaded by its own asynchronous sends, the program may stop printing.
          if (!isAsync || signal.aborted) throw error;
          stderr.write(`${String(error)}\n`);
          return 0;
        }),
    });
  };
  const peer: [string, string] = ['benchmark.Producer', `RocketMQ ${rocketmqExampleVersion}`];
  return [
    ratio(`RocketMQ ${version} sync sends`, await send(false), peer, 2),
    ratio(`RocketMQ ${version} async sends`, await send(true), peer, 2),
  ];
}

const ratio = (
  metric: string,
  { ours, java }: { ours: number; java: number },
  [name, version]: [string, string],
  factor?: number,
): BenchResult => ({
  ...row(metric, ours),
  peer: java > 0 ? { name, version, value: Math.round(java) } : { name, missing: 'none of its sends was stored' },
  goal: factor === undefined ? 'none: beside it' : `ratio of at least ${factor}`,
  ...(factor !== undefined && { met: ours >= factor * java }),
});

async function theirs(
  { signal, stderr }: BenchIo,
  jars: JavaJars,
  program: JavaProgram,
  warmUp: Parameters<typeof measureJava>[2],
): Promise<number> {
  const perCpuSecond = await measureJava(jars, program, warmUp, { signal, measuredSeconds });
  stderr.write(`${program.mainClass}: ${Math.round(perCpuSecond)} messages per CPU second\n`);
  return perCpuSecond;
}

const tellCommand = ({ stderr }: BenchIo, { mainClass, words }: JavaProgram) =>
  stderr.write(`$ java ${mainClass} ${words.join(' ')}\n`);

/** Draws letters once, so that the tool does not spend time on it. */
function payloadLines(): string {
  let draw = 1;
  const letter = () => String.fromCharCode(65 + ((draw = (draw * 48271) % 2147483647) % 26));
  return Array.from({ length: 1000 }, () => Array.from({ length: messageBytes }, letter).join('')).join('\n');
}
