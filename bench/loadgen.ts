// What does the load generator cost a message, beside Apache's own tools, and does it keep its promises of pace and memory?

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { drivers } from '../brokers/registry.ts';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { RocketmqClusterConfig } from '../brokers/rocketmq/config.ts';
import { AppError } from '../core/errors.ts';
import { startNullBroker } from '../loadgen/null-broker/start-null-broker.ts';
import { interleave, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import type { FlatOut, FlatOutCost } from './flat-out.ts';
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
import type { SoakReplay } from './soak-replay.ts';

const parts = ['kafka', 'rocketmq', 'null', 'pacer', 'soak'] as const;

const messageBytes = 500;
const partitions = 12;
/** At what one worker sends, 3 million messages on an idle machine. */
const storedSeconds = 12;
/** JIT and connections of both are warm after this; the JVM's compiler is nearly quiet then (-Xlog:jit on 2 cores). */
const [warmUpSeconds, measuredSeconds] = [4, 4];
const [pacedTps, soakFactor, month] = [200_000, 2160, 30 * 86_400];
/** Nothing that a bench leaves on the disk is above this: two brokers' worth of it. */
const keptBytes = 128 * 2 ** 20;

export const loadgen = {
  name: 'loadgen',
  summary: "sending and receiving beside Apache's own benchmark tools, per second of client CPU; pace and memory",
  options: {
    part: { type: 'string', value: 'PART', help: `${parts.join(', ')} (default: all of them)` },
    kafka: { type: 'string', value: 'VERSION', help: 'default 4.3.1' },
    rocketmq: { type: 'string', value: 'VERSION', help: 'default 5.3.3' },
    soak: { type: 'string', value: 'SECONDS', help: `of a journal that is replayed, default ${month}: 30 days` },
  },
  evidence: 'docs/loadgen-speed.md',

  async run(io) {
    const only = io.options['part'];
    if (only !== undefined && !parts.includes(only as (typeof parts)[number])) {
      throw new AppError('usage', `--part ${String(only)}: there is no such part`, {
        hint: `parts: ${parts.join(', ')}`,
      });
    }
    const results: BenchResult[] = [];
    const measure: Readonly<Record<(typeof parts)[number], () => Promise<BenchResult[]>>> = {
      kafka: () => beside(io, kafka),
      rocketmq: () => beside(io, rocketmq),
      null: () => nullBrokers(io),
      pacer: () => pacer(io),
      soak: () => soak(io),
    };
    for (const part of parts) if (only === undefined || only === part) results.push(...(await measure[part]()));
    return results;
  },
} satisfies Bench;

const beside = async (io: BenchIo, of: (io: BenchIo, lab: AsyncDisposableStack) => Promise<BenchResult[]>) => {
  await using lab = new AsyncDisposableStack();
  return await of(io, lab);
};

async function kafka(io: BenchIo, cleanUp: AsyncDisposableStack): Promise<BenchResult[]> {
  const { signal, stderr } = io;
  const version = String(io.options['kafka'] ?? '4.3.1');
  const jars = await kafkaTools(version, { signal, progress: (line) => stderr.write(`${line}\n`) });
  const { folder, broker } = await startLab(['kafka', '--version', version], cleanUp, io);
  const cluster = { broker: 'kafka', bootstrap: [broker.address] };
  await using admin = await drivers.kafka.administer('bench', KafkaClusterConfig.parse(cluster), io);
  const kept = { 'retention.bytes': String(Math.floor(keptBytes / partitions)), 'segment.bytes': String(16 * 2 ** 20) };
  await admin.createTopic({ name: 'sent', partitions, replicationFactor: 1, config: kept }, io);
  await admin.createTopic({ name: 'stored', partitions, replicationFactor: 1 }, io);
  const payloads = join(folder, 'payloads');
  await writeFile(payloads, payloadLines());
  const send = async (acks: 'leader' | 'all') => {
    const program = producerPerformance(broker.address, 'sent', { acks, payloads });
    tellCommand(io, program);
    return await interleave({
      ours: () => ourSends(io, { cluster, topic: 'sent', workload: { acks }, load: 'most' }),
      java: () => theirs(io, jars, program, { seconds: warmUpSeconds }),
    });
  };
  const sent = { leader: await send('leader'), all: await send('all') };
  const messages = await store(io, cluster);
  let round = 0;
  const warmUpMessages = Math.floor(0.4 * messages);
  const program = (group: string) => consumerPerformance(broker.address, 'stored', group, messages);
  tellCommand(io, program('java-0'));
  const read = await interleave({
    ours: () => ourReads(io, { cluster, topic: 'stored', group: `ours-${++round}`, messages, warmUpMessages }),
    java: () => theirs(io, jars, program(`java-${++round}`), { messages: warmUpMessages }),
  });
  const versions = `Apache Kafka ${version}`;
  return [
    ratio('Kafka produce, acks=1', sent.leader, ['ProducerPerformance', versions], 1.3),
    ratio('Kafka produce, acks=all', sent.all, ['ProducerPerformance', versions], 1.2),
    ratio('Kafka consume', read, ['ConsumerPerformance', versions], 0.5),
  ];
}

async function rocketmq(io: BenchIo, cleanUp: AsyncDisposableStack): Promise<BenchResult[]> {
  const { signal, stderr } = io;
  const version = String(io.options['rocketmq'] ?? '5.3.3');
  const jars = await rocketmqExample({ signal, progress: (line) => stderr.write(`${line}\n`) });
  const { nameServers } = await startLab(['rocketmq', '--version', version], cleanUp, io);
  const namesrv = nameServers.map(({ address }) => address);
  const cluster = { broker: 'rocketmq', namesrv };
  await using admin = await drivers.rocketmq.administer('bench', RocketmqClusterConfig.parse(cluster), io);
  await admin.createTopic({ name: 'sent', partitions, replicationFactor: 1 }, io);
  const send = async (isAsync: boolean) => {
    const program = rocketmqProducer(namesrv.join(';'), 'sent', { isAsync, messageBytes });
    tellCommand(io, program);
    // As many as Java's threads wait for an answer at once; or as many as go out.
    const load = isAsync ? ('most' as const) : { lanes: 64 };
    const workload = { acks: 'all', requests: 'single' };
    return await interleave({
      ours: () => ourSends(io, { cluster, topic: 'sent', workload, load }),
      java: () => theirs(io, jars, program, { seconds: warmUpSeconds }),
    });
  };
  const peer: [string, string] = ['benchmark.Producer', `RocketMQ ${rocketmqExampleVersion}`];
  return [
    ratio(`RocketMQ ${version} sync sends`, await send(false), peer, 2),
    ratio(`RocketMQ ${version} async sends`, await send(true), peer, 2),
  ];
}

async function nullBrokers(io: BenchIo): Promise<BenchResult[]> {
  const perCpuSecond = async (broker: 'kafka' | 'rocketmq', workload: Record<string, unknown>) => {
    using nullBroker = await startNullBroker(broker, partitions, io);
    return await medianOf(() => ourSends(io, { cluster: nullBroker.config, topic: 'sent', workload, load: 'most' }));
  };
  const single = await perCpuSecond('rocketmq', { acks: 'all', requests: 'single' });
  const batches = await perCpuSecond('kafka', { acks: 'all' });
  return [
    {
      ...row('RocketMQ single sends into a null broker', single),
      goal: 'at least 70,000',
      met: single >= 70_000,
    },
    { ...row('Kafka batches into a null broker', batches), goal: 'none: beside it' },
  ];
}

async function pacer(io: BenchIo): Promise<BenchResult[]> {
  using nullBroker = await startNullBroker('kafka', partitions, io);
  const workload = { acks: 'leader', linger: '0s', messageSize: '100B', ledger: false };
  const measured: FlatOutCost[] = [];
  const lateness = await medianOf(async () => {
    const cost = await flatOut<FlatOutCost>(io, {
      role: 'produce',
      cluster: nullBroker.config,
      topic: 'sent',
      partitions,
      workload,
      load: { rate: pacedTps },
      warmUpSeconds,
      seconds: measuredSeconds,
    });
    measured.push(cost);
    return (cost.sendDelayP99 ?? Infinity) * 1000;
  });
  const held = median(measured.map(({ messages, seconds }) => messages / seconds));
  return [
    {
      metric: `p99 from due to sent at ${pacedTps.toLocaleString('en')} msg/s`,
      unit: 'ms',
      ours: lateness,
      goal: 'below 1',
      met: lateness < 1,
    },
    {
      metric: 'rate held meanwhile',
      unit: 'msg/s',
      ours: Math.round(held),
      goal: 'within 1 %',
      met: Math.abs(held / pacedTps - 1) < 0.01,
    },
  ];
}

async function soak(io: BenchIo): Promise<BenchResult[]> {
  const replay = await runScript<SoakReplay>(io, 'soak-replay.ts', [String(io.options['soak'] ?? month)]);
  const { seconds, writtenSeconds, resumedSeconds, earlyResidentBytes, lateResidentBytes } = replay;
  const days = `${(seconds / 86_400).toLocaleString('en', { maximumFractionDigits: 1 })} days`;
  const growth = (lateResidentBytes - earlyResidentBytes) / 2 ** 20;
  const factor = seconds / (writtenSeconds + resumedSeconds);
  return [
    {
      metric: `soak of ${days} written, summed and resumed`,
      unit: 'times real time',
      ours: Math.round(factor),
      goal: `at least ${soakFactor.toLocaleString('en')}`,
      met: factor >= soakFactor,
    },
    { metric: `the same: writing and summing`, unit: 's', ours: writtenSeconds, goal: 'none: a part' },
    { metric: `the same: reading back`, unit: 's', ours: resumedSeconds, goal: 'none: a part' },
    {
      metric: `journal of ${days}`,
      unit: 'MiB',
      ours: Math.round(replay.journalBytes / 2 ** 20),
      goal: 'none: a size',
    },
    {
      metric: 'resident memory, most after the first tenth less most in it',
      unit: 'MiB',
      ours: Math.round(growth),
      goal: 'at most 64',
      met: growth <= 64,
    },
  ];
}

const row = (metric: string, ours: number) => ({ metric, unit: 'msg/s per CPU second', ours: Math.round(ours) });

const ratio = (
  metric: string,
  { ours, java }: { ours: number; java: number },
  [name, version]: [string, string],
  factor: number,
): BenchResult => ({
  ...row(metric, ours),
  peer: { name, version, value: Math.round(java) },
  goal: `ratio of at least ${factor}`,
  met: ours >= factor * java,
});

const medianOf = async (work: () => Promise<number>): Promise<number> => (await interleave({ work })).work;

interface Sends {
  cluster: unknown;
  topic: string;
  workload: Record<string, unknown>;
  load: Extract<FlatOut, { role: 'produce' }>['load'];
}

/** The whole generator with its ledger, which proves each message: its default. */
async function ourSends(io: BenchIo, { workload, ...sends }: Sends): Promise<number> {
  const {
    messages,
    cpuSeconds,
    failedSends = 0,
  } = await flatOut<FlatOutCost>(io, {
    role: 'produce',
    partitions,
    workload: { messageSize: `${messageBytes}B`, ...workload },
    warmUpSeconds,
    seconds: measuredSeconds,
    ...sends,
  });
  if (failedSends > 0.001 * messages) throw new AppError('run-failed', `${failedSends} sends failed`);
  return messages / cpuSeconds;
}

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

async function ourReads(
  io: BenchIo,
  reads: Omit<Extract<FlatOut, { role: 'consume' }>, 'role' | 'partitions'>,
): Promise<number> {
  const { messages, cpuSeconds } = await flatOut<FlatOutCost>(io, { role: 'consume', partitions, ...reads });
  return messages / cpuSeconds;
}

/** By the generator, so that the messages are its own and the ledger has work. @returns how many there are at least */
async function store(io: BenchIo, cluster: unknown): Promise<number> {
  const { messages } = await flatOut<FlatOutCost>(io, {
    role: 'produce',
    cluster,
    topic: 'stored',
    partitions,
    workload: { messageSize: `${messageBytes}B`, acks: 'leader' },
    load: 'most',
    warmUpSeconds: 1,
    seconds: storedSeconds,
  });
  return messages;
}

const flatOut = <Cost>(io: BenchIo, asked: FlatOut): Promise<Cost> =>
  runScript<Cost>(io, 'flat-out.ts', [JSON.stringify(asked)]);

/** As this process was started itself. @throws AppError run-failed when it exits otherwise than 0 */
async function runScript<Answer>({ signal, stderr }: BenchIo, script: string, words: string[]): Promise<Answer> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...words], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new AppError('run-failed', `bench/${script} exited with ${code}`);
  stderr.write(`${script}: ${output}`);
  return JSON.parse(output) as Answer;
}

const tellCommand = ({ stderr }: BenchIo, { mainClass, words }: JavaProgram) =>
  stderr.write(`$ java ${mainClass} ${words.join(' ')}\n`);

/** Letters drawn once, so that the tool draws none. */
function payloadLines(): string {
  let draw = 1;
  const letter = () => String.fromCharCode(65 + ((draw = (draw * 48271) % 2147483647) % 26));
  return Array.from({ length: 1000 }, () => Array.from({ length: messageBytes }, letter).join('')).join('\n');
}
