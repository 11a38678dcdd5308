// Measures the CPU time per message compared with Apache's tools, and the pace and memory of the load generator.

import { AppError } from '../core/errors.ts';
import { startNullBroker } from '../loadgen/execute/null-broker/start-null-broker.ts';
import { below, interleave, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { besideJava, kafkaConsume, kafkaProduce, rocketmq } from './beside-java.ts';
import type { FlatOutCost } from './flat-out.ts';
import { flatOut, measuredSeconds, ourSends, partitions, row, runScript, warmUpSeconds } from './generator-cost.ts';
import { referenceLoop } from './reference.ts';
import type { SoakReplay } from './soak-replay.ts';

const parts = ['kafka-produce', 'kafka-consume', 'rocketmq', 'null', 'pacer', 'soak'] as const;

const [pacedTps, month] = [200_000, 30 * 86_400];
/** Sends, and seconds of a replayed run, in the time of one reference loop. */
const [singlesPerLoop, soakSecondsPerLoop] = [23_000, 720];

export const loadgen = {
  name: 'loadgen',
  summary: "sending and receiving beside Apache's own benchmark tools, per second of client CPU; pace and memory",
  options: {
    part: { type: 'string', value: 'PART', help: `${parts.join(', ')} (default: all of them)` },
    kafka: { type: 'string', value: 'VERSION', help: 'default 4.3.1' },
    rocketmq: { type: 'string', value: 'VERSION', help: 'default 5.3.3' },
    soak: { type: 'string', value: 'SECONDS', help: `of a journal that is replayed, default ${month}: 30 days` },
  },
  evidence: 'docs/evidence/loadgen-speed.md',

  async run(io) {
    const only = io.options['part'];
    if (only !== undefined && !parts.includes(only as (typeof parts)[number])) {
      throw new AppError('usage', `--part ${String(only)}: there is no such part`, {
        hint: `parts: ${parts.join(', ')}`,
      });
    }
    const results: BenchResult[] = [];
    const measure: Readonly<Record<(typeof parts)[number], () => Promise<BenchResult[]>>> = {
      'kafka-produce': () => besideJava(io, kafkaProduce),
      'kafka-consume': () => besideJava(io, kafkaConsume),
      rocketmq: () => besideJava(io, rocketmq),
      null: () => nullBrokers(io),
      pacer: () => pacer(io),
      soak: () => soak(io),
    };
    for (const part of parts) if (only === undefined || only === part) results.push(...(await measure[part]()));
    return results;
  },
} satisfies Bench;

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
      goal: `at least ${singlesPerLoop.toLocaleString('en')} in the CPU time of the reference loop`,
      met: single * referenceLoop().processor >= singlesPerLoop,
    },
    { ...row('Kafka batches into a null broker', batches), goal: 'none: beside it' },
  ];
}

async function pacer(io: BenchIo): Promise<BenchResult[]> {
  using nullBroker = await startNullBroker('kafka', partitions, io);
  // Without responses, none can delay the generator.
  const workload = { acks: 'none', linger: '0s', messageSize: '100B', ledger: false };
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
    below(`p99 from due to sent at ${pacedTps.toLocaleString('en')} msg/s`, 'ms', lateness, 1),
    {
      metric: 'rate held meanwhile',
      unit: 'msg/s',
      ours: Math.round(held),
      goal: 'within 1%',
      met: Math.abs(held / pacedTps - 1) < 0.01,
    },
  ];
}

async function soak(io: BenchIo): Promise<BenchResult[]> {
  const replay = await runScript<SoakReplay>(io, 'soak-replay.ts', [String(io.options['soak'] ?? month)]);
  const { seconds, writtenSeconds, resumedSeconds, cpuSeconds, earlyResidentBytes, lateResidentBytes } = replay;
  const days = `${(seconds / 86_400).toLocaleString('en', { maximumFractionDigits: 1 })} days`;
  const growth = (lateResidentBytes - earlyResidentBytes) / 2 ** 20;
  const factor = seconds / (writtenSeconds + resumedSeconds);
  return [
    {
      metric: `soak of ${days} written, summed and resumed`,
      unit: 'times real time',
      ours: Math.round(factor),
      goal: `at least ${soakSecondsPerLoop.toLocaleString('en')} s in the time of the reference loop`,
      met: factor * referenceLoop().wall >= soakSecondsPerLoop,
    },
    { metric: `the same: writing and summing`, unit: 's', ours: writtenSeconds, goal: 'none: a part' },
    {
      metric: 'the same, of CPU alone',
      unit: 'times real time',
      ours: Math.round(seconds / cpuSeconds),
      goal: 'none: beside it',
    },
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

const medianOf = async (work: () => Promise<number>): Promise<number> => (await interleave({ work })).work;
