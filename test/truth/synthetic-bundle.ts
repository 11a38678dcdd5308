// How does a simulated run look on the disk? Written as a bundle, file by file, from the format and not from the analysis.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { HostReading } from '../../core/host-reading.ts';
import type { JournalLine, RunDocument } from '../../core/run-bundle.ts';
import type { TelemetryRecord } from '../../core/telemetry.ts';
import { randomOf, simulate, type Second, type Truth } from './synthetic-cluster.ts';

const workers = 2;

export async function writeBundle(directory: string, truth: Truth): Promise<void> {
  await mkdir(directory, { recursive: true });
  const seconds = [...simulate(truth)];
  await writeFile(join(directory, 'run.json'), JSON.stringify(documentOf(truth), undefined, 2));
  await writeLines(join(directory, 'journal.ndjson'), journalOf(truth, seconds));
  await writeLines(join(directory, 'telemetry.ndjson'), telemetryOf(truth, seconds));
}

async function writeLines(file: string, lines: Iterable<unknown>): Promise<void> {
  await writeFile(file, [...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function documentOf(truth: Truth): RunDocument {
  return {
    schemaVersion: 1,
    id: `synthetic-${truth.seed}`,
    broker: 'kafka',
    cluster: 'synthetic',
    workload: { messageBytes: truth.messageBytes, groups: truth.groups, workers, acks: 'all' },
    origin: 'load-test',
    startedAt: '2026-01-01T00:00:00.000Z',
    profile: { name: 'steps', description: `${truth.steps.length} steps` },
    warmUpSeconds: truth.warmUpSeconds,
    steps: truth.steps.map((step) => ({ ...step })),
    environment: {
      hosts: truth.brokers.map(({ id, cores, linkBitsPerSecond }) => ({
        host: `host-${id}`,
        cores,
        networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: linkBitsPerSecond, source: 'stated' } }],
      })),
      brokers: truth.brokers.map(({ id }) => ({ id, address: `198.18.0.${id}:9092`, host: `host-${id}` })),
    },
    versions: { plimsoll: '0.0.0' },
  };
}

function* journalOf(truth: Truth, seconds: readonly Second[]): Generator<JournalLine> {
  const end = truth.cutOffSeconds ?? Number.POSITIVE_INFINITY;
  if (truth.warmUpSeconds > 0)
    yield { kind: 'warm-up-started', elapsedSeconds: 0, targetTps: truth.steps[0]?.targetTps ?? 0 };
  let open: number | undefined;
  for (const second of seconds) {
    if (second.at > end) return;
    if (second.step !== open) {
      if (open !== undefined) yield { kind: 'step-ended', elapsedSeconds: second.at - 1, step: open };
      open = second.step;
      if (open !== undefined)
        yield { kind: 'step-started', elapsedSeconds: second.at - 1, step: open, targetTps: second.targetTps };
    }
    yield* linesOf(truth, second);
  }
  const last = seconds.at(-1)?.at ?? 0;
  if (open !== undefined) yield { kind: 'step-ended', elapsedSeconds: last, step: open };
  yield { kind: 'run-ended', elapsedSeconds: last, status: 'completed' };
}

/** Workers share the messages; the first takes what does not divide. */
function* linesOf(truth: Truth, second: Second): Generator<JournalLine> {
  const moment = { elapsedSeconds: second.at, intervalSeconds: 1 };
  for (let worker = 0; worker < workers; worker += 1) {
    const part = (count: number) => Math.floor(count / workers) + (worker < count % workers ? 1 : 0);
    const acknowledged = part(second.acknowledged);
    const latency = histogramOf(second.latencySeconds, acknowledged);
    yield {
      kind: 'produced',
      ...moment,
      worker: `producer-${worker}`,
      // A backlog that is worked off was intended before.
      intended: part(second.intended),
      sent: acknowledged,
      acknowledged,
      failed: 0,
      requests: part(second.requests),
      bytes: acknowledged * truth.messageBytes,
      latency,
      sendDelay: histogramOf(0.001, acknowledged),
      eventLoopUtilisation: second.generatorBusy,
      eventLoopDelayMaxSeconds: 0.002,
      cpuSeconds: second.generatorBusy,
    };
  }
  for (let group = 0; group < truth.groups; group += 1) {
    yield {
      kind: 'consumed',
      ...moment,
      worker: `consumer-${group}`,
      group: `group-${group}`,
      messages: second.consumed,
      bytes: second.consumed * truth.messageBytes,
      endToEnd: histogramOf(second.latencySeconds + 0.002, second.consumed),
      negativeSamples: 0,
      eventLoopUtilisation: 0.2,
      cpuSeconds: 0.2,
    };
  }
}

const encoded = new Map<string, string>();

function histogramOf(seconds: number, count: number): string {
  const key = `${Math.round(seconds * 1e4)} ${count}`;
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    highestTrackableValue: 3_600_000_000,
  });
  if (count > 0) histogram.recordValueWithCount(Math.max(1, Math.round(seconds * 1e6)), count);
  const text = encodeIntoCompressedBase64(histogram);
  encoded.set(key, text);
  return text;
}

/** Counters are read a little after the second is full, at a moment that differs from host to host and time to time. */
function* telemetryOf(truth: Truth, seconds: readonly Second[]): Generator<TelemetryRecord> {
  const random = randomOf(truth.seed + 1);
  const end = truth.cutOffSeconds ?? Number.POSITIVE_INFINITY;
  const zero = { bytesIn: 1e9, bytesOut: 2e9, framesIn: 1e6, framesOut: 2e6, busySeconds: 500 };
  const counters = new Map(truth.brokers.map(({ id }) => [id, { ...zero }]));
  for (const [index, second] of seconds.entries()) {
    if (second.at > end) return;
    const next = seconds[index + 1];
    for (const broker of truth.brokers) {
      const counter = counters.get(broker.id) ?? { ...zero };
      const spent = second.brokers.find(({ id }) => id === broker.id);
      const coming = next?.brokers.find(({ id }) => id === broker.id);
      for (const key of Object.keys(zero) as (keyof typeof zero)[]) counter[key] += spent?.[key] ?? 0;
      const late = 0.05 * random();
      const now = Object.fromEntries(
        Object.entries(counter).map(([key, value]) => [key, value + late * (coming?.[key as keyof typeof zero] ?? 0)]),
      ) as typeof zero;
      const elapsedSeconds = second.at + late;
      yield {
        kind: 'host',
        host: `host-${broker.id}`,
        elapsedSeconds,
        scrapeSeconds: 0.002,
        reading: readingOf(now, broker.cores, elapsedSeconds),
      };
    }
    if (truth.groups === 0) continue;
    const groups = Array.from({ length: truth.groups }, (_, group) => ({
      group: `group-${group}`,
      lagMessages: Math.round(second.lag),
    }));
    yield { kind: 'cluster', cluster: 'synthetic', elapsedSeconds: second.at, scrapeSeconds: 0.003, groups };
  }
}

function readingOf(
  counter: { bytesIn: number; bytesOut: number; framesIn: number; framesOut: number; busySeconds: number },
  cores: number,
  elapsed: number,
): HostReading {
  const busy = counter.busySeconds / cores;
  const idle = 5000 + elapsed - busy;
  return {
    cpus: Array.from({ length: cores }, () => ({
      user: busy * 0.7,
      nice: 0,
      system: busy * 0.3,
      idle,
      iowait: 0,
      irq: 0,
      softirq: 0,
      steal: 0,
    })),
    load: { one: 1, five: 1, fifteen: 1 },
    networkDevices: [
      {
        device: 'eth0',
        receiveBytes: Math.round(counter.bytesIn),
        receivePackets: Math.round(counter.framesIn),
        receiveErrors: 0,
        receiveDrops: 0,
        transmitBytes: Math.round(counter.bytesOut),
        transmitPackets: Math.round(counter.framesOut),
        transmitErrors: 0,
        transmitDrops: 0,
      },
    ],
  };
}
