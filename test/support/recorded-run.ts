// Generates run bundles with known samples.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalLine, RunDocument } from '../../core/documents/run-bundle.ts';
import { createLatencyRecorder } from '../../loadgen/record/latency.ts';
import { completeWorkload } from '../../loadgen/plan/workload.ts';

export interface RecordedStep {
  rate: number;
  seconds: number;
  /** Seconds from the intended time to the acknowledgement of the n-th message of a second. */
  latency?: (n: number, second: number) => number;
  /** Ratio of messages of a second that were acknowledged. */
  achieved?: number;
  cpuPerMessage?: number;
}

export interface RecordedRun {
  id?: string;
  steps: readonly RecordedStep[];
  warmUpSeconds?: number;
  workers?: readonly string[];
  topics?: readonly string[];
  /** True if the topics come from a `mix` of the workload, and not from its number of topics. */
  isMixed?: boolean;
  /** Groups that read every message as soon as it is acknowledged. */
  groups?: readonly string[];
  end?: 'completed' | 'killed';
}

export const recordedEpoch = Date.parse('2026-06-18T01:00:00.000Z');

/** Seconds by which the generator sends late, subtracted from the latency. */
const lateness = 0.0002;

const histogramOf = (samples: readonly number[]) => {
  const recorder = createLatencyRecorder();
  for (const sample of samples) recorder.record(sample);
  return recorder.take();
};

export function recordedDocument({ id = 'r1', steps, warmUpSeconds = 0, ...run }: RecordedRun): LoadTest {
  const { workers = ['producer-1'], topics = ['orders'], groups = [], isMixed = false } = run;
  const shared = isMixed ? { mix: topics.map(() => ({ share: 1 })) } : { topics: topics.length };
  const rates = steps.map(({ rate }) => rate).filter((rate) => rate > 0);
  const workload = completeWorkload(undefined, { rates, messageSize: '500B', groups: groups.length });
  return {
    schemaVersion: 1,
    origin: 'load-test',
    id,
    broker: 'kafka',
    cluster: 'lab',
    workload: {
      messageBytes: 500,
      topic: topics[0],
      partitions: 12 * topics.length,
      acks: 'all',
      workers: workers.length,
    },
    startedAt: new Date(recordedEpoch).toISOString(),
    profile: { name: 'steps', description: 'steps' },
    warmUpSeconds,
    steps: steps.map(({ rate, seconds }) => ({ targetTps: rate, durationSeconds: seconds })),
    environment: { hosts: [], brokers: [] },
    versions: {},
    resume: {
      workload: JSON.parse(JSON.stringify({ ...workload, ...shared })) as Record<string, unknown>,
      keepTopic: false,
      ownTopics: [],
      clusterDigest: '',
    },
  } as unknown as LoadTest;
}

type LoadTest = Extract<RunDocument, { origin: 'load-test' }>;

export function* recordedLines({ steps, warmUpSeconds = 0, ...run }: RecordedRun): Iterable<JournalLine> {
  const { workers = ['producer-1'], topics = ['orders'], groups = [], end = 'completed' } = run;
  let at = 0;
  if (warmUpSeconds > 0) yield { kind: 'warm-up-started', elapsedSeconds: 0, targetTps: steps[0]?.rate ?? 0 };
  const warmUp = steps.slice(0, 1).map((step) => ({ ...step, seconds: warmUpSeconds }));
  for (const [index, step] of [...warmUp, ...steps].entries()) {
    const number = index - warmUp.length;
    if (number >= 0) yield { kind: 'step-started', elapsedSeconds: at, step: number, targetTps: step.rate };
    const start = at;
    for (let second = 0; second < step.seconds; second += 1) {
      at += 1;
      for (const worker of workers) yield produced(at, worker, step, second, topics, workers.length);
      for (const group of groups) yield consumed(at, group, step, second);
    }
    const isLast = index === warmUp.length + steps.length - 1;
    if (number >= 0 && !(isLast && end === 'killed')) {
      yield { kind: 'step-ended', elapsedSeconds: start + step.seconds, step: number };
    }
  }
  if (end === 'completed') yield { kind: 'run-ended', elapsedSeconds: at, status: 'completed' };
}

const latencies = ({ rate, latency = () => 0.01 }: RecordedStep, second: number, count: number) =>
  Array.from({ length: count }, (_, n) => latency(n % rate, second));

function produced(
  elapsedSeconds: number,
  worker: string,
  step: RecordedStep,
  second: number,
  topics: readonly string[],
  workers: number,
): JournalLine {
  const { rate, achieved = 1, cpuPerMessage = 1e-5 } = step;
  const intended = Math.round(rate / workers);
  const acknowledged = Math.round(intended * achieved);
  const samples = latencies(step, second, acknowledged);
  const part = Math.floor(acknowledged / topics.length);
  return {
    kind: 'produced',
    elapsedSeconds,
    intervalSeconds: 1,
    worker,
    intended,
    sent: intended,
    acknowledged,
    failed: intended - acknowledged,
    requests: Math.ceil(acknowledged / 10),
    bytes: acknowledged * 500,
    latency: histogramOf(samples),
    service: histogramOf(samples.map((sample) => sample - lateness)),
    sendDelay: histogramOf(samples.map(() => lateness)),
    ...(topics.length > 1 && {
      topics: topics.map((topic, index) => ({
        topic,
        sent: part,
        acknowledged: part,
        failed: 0,
        bytes: part * 500,
        latency: histogramOf(samples.slice(index * part, (index + 1) * part)),
      })),
    }),
    eventLoopUtilisation: 0.25,
    eventLoopDelayMaxSeconds: 0.001,
    cpuSeconds: acknowledged * cpuPerMessage,
  };
}

function consumed(elapsedSeconds: number, group: string, step: RecordedStep, second: number): JournalLine {
  const messages = Math.round(step.rate * (step.achieved ?? 1));
  return {
    kind: 'consumed',
    elapsedSeconds,
    intervalSeconds: 1,
    worker: `consumer-${group}`,
    group,
    messages,
    bytes: messages * 500,
    endToEnd: histogramOf(latencies(step, second, messages).map((sample) => sample + 0.001)),
    negativeSamples: 0,
    eventLoopUtilisation: 0.1,
    cpuSeconds: 0.001,
  };
}

/** @returns the folder of a bundle on disk, removed when disposed */
export async function writeRecordedRun(run: RecordedRun): Promise<AsyncDisposable & { directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-recorded-'));
  await writeFile(join(directory, 'run.json'), JSON.stringify(recordedDocument(run)));
  const lines = [...recordedLines(run)].map((line) => `${JSON.stringify(line)}\n`);
  await writeFile(join(directory, 'journal.ndjson'), lines.join(''));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
