// Runs the load generator at full speed in a separate process, so that all its CPU is counted.

import { driverOf } from '../brokers/registry.ts';
import { ClusterConfig } from '../brokers/config.ts';
import { seconds, systemClock } from '../core/clock.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { messagesPerSecond } from '../core/units.ts';
import { ignoreFault } from '../core/errors.ts';
import { openBareLoad } from '../loadgen/execute/calibration/bare-load.ts';
import { createMark } from '../loadgen/delivery/payload-header.ts';
import { createPlan } from '../loadgen/plan/plan.ts';
import type { Segment } from '../loadgen/plan/profiles/profile.ts';
import { createRunClock } from '../loadgen/execute/run-clock.ts';
import { startConsumption } from '../loadgen/execute/workers/consume.ts';
import { watchThreadLoad } from '../loadgen/execute/workers/thread-load.ts';
import { startTrafficThread } from '../loadgen/execute/workers/traffic-thread.ts';
import { completeWorkload, sendingOptionsOf, WorkloadFile } from '../loadgen/plan/workload.ts';

/** Input of the process: one JSON text on the command line. */
export type FlatOut =
  | {
      role: 'produce';
      cluster: unknown;
      topic: string;
      partitions: number;
      /** Keys of a workload file; its profile is ignored. */
      workload: Record<string, unknown>;
      /** Maximum rate, a fixed rate, or a closed loop. */
      load: 'most' | { rate: number } | { lanes: number };
      warmUpSeconds: number;
      seconds: number;
    }
  | {
      role: 'consume';
      cluster: unknown;
      topic: string;
      partitions: number;
      group: string;
      /** All stored messages, and how many are read before CPU is counted. */
      messages: number;
      warmUpMessages: number;
    };

export interface FlatOutCost {
  messages: number;
  cpuSeconds: number;
  seconds: number;
  /** For sending: intended to sent, in seconds. */
  sendDelayP99?: number;
  failedSends?: number;
}

const runId = 'bench';
const mostTps = 20_000_000;
/** Far more time than is needed to read the stored messages. */
const patienceMilliseconds = 180_000;

const asked = JSON.parse(process.argv[2] ?? '') as FlatOut;
const cost = await (asked.role === 'produce' ? produce(asked) : consume(asked));
process.stdout.write(`${JSON.stringify(cost)}\n`);
process.exit(0);

function planOf({ cluster, topic, partitions, workload }: Extract<FlatOut, { role: 'produce' }>) {
  const config = ClusterConfig.parse(cluster);
  const profile = { kind: 'constant', rate: 1, duration: '1s' };
  const file = WorkloadFile.parse({ topic, partitions, profile, groups: 0, ...workload });
  return createPlan({
    id: runId,
    cluster: { name: 'bench', broker: config.broker, config: cluster },
    workload: completeWorkload(file, {}),
    keepTopic: true,
    policy: readDefaultPolicy(),
  });
}

async function produce(asked: Extract<FlatOut, { role: 'produce' }>): Promise<FlatOutCost> {
  const { topic, partitions, load, warmUpSeconds } = asked;
  const io = { signal: AbortSignal.timeout(patienceMilliseconds) };
  const driven = await openBareLoad(planOf(asked), { names: [topic], partitions }, 1, startTrafficThread, io);
  const segmentOf = (length: number): Segment => {
    const duration = seconds(length);
    if (typeof load === 'object' && 'lanes' in load) return { kind: 'lanes', lanes: load.lanes, duration };
    const rate = messagesPerSecond(load === 'most' ? mostTps : load.rate);
    return { kind: 'rate', from: rate, to: rate, duration };
  };
  await driven.drive(segmentOf(warmUpSeconds), 0, io);
  const before = process.cpuUsage();
  const { messages, seconds: took, sendDelay, failedSends } = await driven.drive(segmentOf(asked.seconds), 0, io);
  const { user, system } = process.cpuUsage(before);
  return {
    messages,
    cpuSeconds: (user + system) / 1e6,
    seconds: took,
    failedSends,
    ...(sendDelay && { sendDelayP99: sendDelay.p99 }),
  };
}

async function consume(asked: Extract<FlatOut, { role: 'consume' }>): Promise<FlatOutCost> {
  const { topic, partitions, group, messages, warmUpMessages } = asked;
  const signal = AbortSignal.timeout(patienceMilliseconds);
  const config = ClusterConfig.parse(asked.cluster);
  await using traffic = await driverOf(config).traffic('bench', config, { signal });
  const over = new AbortController();
  const enough = Promise.withResolvers<void>();
  let warm: { messages: number; cpu: NodeJS.CpuUsage; at: number } | undefined;
  let read = 0;
  const consumption = startConsumption(
    {
      worker: 'consumer-1',
      group,
      members: 1,
      topics: [topic],
      partitions,
      marks: [{ attempt: 1, mark: createMark(runId, 1) }],
      slotCount: 64,
      senders: [Array.from({ length: 64 }, (_, slot) => slot)],
      consumer: { from: 'start' },
      recordedTo: [],
      processingSeconds: 0,
      sending: sendingOptionsOf(completeWorkload(WorkloadFile.parse({ messageSize: '100B' }), { rates: [1] })),
      lateAfterSeconds: 3600,
    },
    { open: counted, takeLoad: watchThreadLoad() },
    { signal: AbortSignal.any([signal, over.signal]) },
  );
  const clock = createRunClock({ nanoseconds: process.hrtime.bigint(), epochMicroseconds: 0, fromSeconds: 0 });
  consumption.begin({ clock, epochMicroseconds: Date.now() * 1000, fromSeconds: 0 });
  await Promise.race([enough.promise, consumption.finished]);
  const from = warm ?? { messages: 0, cpu: process.cpuUsage(), at: 0 };
  const { user, system } = process.cpuUsage(from.cpu);
  const cost = {
    messages: read - from.messages,
    cpuSeconds: (user + system) / 1e6,
    seconds: systemClock.monotonic() - from.at,
  };
  over.abort();
  await consumption.finished.catch(ignoreFault('the bench has its figures'));
  return cost;

  async function counted(options: Parameters<typeof traffic.consumer>[0]) {
    const consumer = await traffic.consumer(options);
    return {
      [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
      run: (onBatch: Parameters<typeof consumer.run>[0], io: Parameters<typeof consumer.run>[1]) =>
        consumer.run((batch) => {
          read += batch.values.length;
          if (read >= warmUpMessages) warm ??= { messages: read, cpu: process.cpuUsage(), at: systemClock.monotonic() };
          if (read >= messages) enough.resolve();
          return onBatch(batch);
        }, io),
    };
  }
}
