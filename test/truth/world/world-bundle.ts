// Writes a simulated load test as a run bundle, independently of the product's writer.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { JournalLine, RunDocument } from '../../../core/documents/run-bundle.ts';
import { simulate, type Second } from './seconds.ts';
import { telemetryOf } from './world-telemetry.ts';
import type { World } from './world.ts';

export async function writeBundle(
  directory: string,
  world: World,
  seconds: readonly Second[] = [...simulate(world)],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([
    writeFile(join(directory, 'run.json'), JSON.stringify(documentOf(world), undefined, 2)),
    writeLines(join(directory, 'journal.ndjson'), journalOf(world, seconds)),
    writeLines(join(directory, 'telemetry.ndjson'), telemetryOf(world, seconds)),
  ]);
}

async function writeLines(file: string, lines: Iterable<unknown>): Promise<void> {
  await writeFile(file, [...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function documentOf(world: World): RunDocument {
  return {
    schemaVersion: 1,
    id: `${world.name.replaceAll(/\W+/g, '-')}-${world.seed}`,
    broker: world.broker,
    cluster: 'simulated',
    workload: {
      messageBytes: world.messageBytes,
      groups: world.groups,
      workers: world.workers,
      acks: 'all',
      replicationFactor: world.replicas,
    },
    origin: 'load-test',
    startedAt: '2026-01-01T00:00:00.000Z',
    profile: { name: 'steps', description: `${world.steps.length} steps` },
    warmUpSeconds: world.warmUpSeconds,
    steps: world.steps.map((step) => ({ ...step })),
    environment: {
      hosts: world.hosts.map(({ name, cores, linkBitsPerSecond, disk }) =>
        name === world.unread.host
          ? { host: name }
          : {
              host: name,
              cores,
              networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: linkBitsPerSecond, source: 'stated' } }],
              ...(disk && {
                writeback: { expireSeconds: disk.expireSeconds, dirtyThresholdBytes: disk.dirtyThresholdBytes },
              }),
            },
      ),
      brokers: world.hosts.flatMap(({ name, brokers }, index) =>
        brokers.map((id) => ({ id, address: `198.18.0.${index + 1}:9092`, host: name })),
      ),
    },
    versions: { plimsoll: '0.0.0' },
  };
}

function* journalOf(world: World, seconds: readonly Second[]): Generator<JournalLine> {
  const end = world.cutOffSeconds ?? Number.POSITIVE_INFINITY;
  if (world.warmUpSeconds > 0)
    yield { kind: 'warm-up-started', elapsedSeconds: 0, targetTps: world.steps[0]?.targetTps ?? 0 };
  let open: number | undefined;
  for (const second of seconds) {
    if (second.at > end) return;
    if (second.step !== open) {
      if (open !== undefined) yield { kind: 'step-ended', elapsedSeconds: second.at - 1, step: open };
      open = second.step;
      if (open !== undefined)
        yield { kind: 'step-started', elapsedSeconds: second.at - 1, step: open, targetTps: second.targetTps };
    }
    yield* linesOf(world, second);
  }
  const last = seconds.at(-1)?.at ?? 0;
  if (open !== undefined) yield { kind: 'step-ended', elapsedSeconds: last, step: open };
  yield { kind: 'run-ended', elapsedSeconds: last, status: 'completed' };
}

function* linesOf(world: World, second: Second): Generator<JournalLine> {
  const moment = { elapsedSeconds: second.at, intervalSeconds: 1 };
  for (let worker = 0; worker < world.workers; worker += 1) {
    // The first workers get the remainder.
    const part = (count: number) => Math.floor(count / world.workers) + (worker < count % world.workers ? 1 : 0);
    const acknowledged = part(second.acknowledged);
    yield {
      kind: 'produced',
      ...moment,
      worker: `producer-${worker}`,
      // Processed backlog was intended earlier.
      intended: part(second.targetTps),
      sent: acknowledged,
      acknowledged,
      failed: 0,
      requests: part(second.requests),
      bytes: acknowledged * world.messageBytes,
      latency: histogramOf(second.latencySeconds, acknowledged),
      sendDelay: histogramOf(0.001, acknowledged),
      eventLoopUtilisation: second.generatorBusy,
      eventLoopDelayMaxSeconds: 0.002,
      cpuSeconds: second.generatorBusy,
    };
  }
  for (let group = 0; group < world.groups; group += 1) {
    yield {
      kind: 'consumed',
      ...moment,
      worker: `consumer-${group}`,
      group: `group-${group}`,
      messages: second.consumed,
      bytes: second.consumed * world.messageBytes,
      endToEnd: histogramOf(second.latencySeconds + 0.002, second.consumed),
      negativeSamples: 0,
      eventLoopUtilisation: 0.2,
      cpuSeconds: 0.2,
    };
  }
  if (world.backgroundTps !== undefined && second.at % backgroundSeconds === 0) {
    yield {
      kind: 'background',
      elapsedSeconds: second.at,
      intervalSeconds: backgroundSeconds,
      messagesPerSecond: world.backgroundTps,
    };
  }
}

const backgroundSeconds = 10;

const encoded = new Map<string, string>();

/** Encodes all messages of a second with one latency, in tenths of a millisecond. */
function histogramOf(seconds: number, count: number): string {
  const key = `${Math.round(seconds * 1e4)} ${count}`;
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 2,
    highestTrackableValue: 3_600_000_000,
  });
  if (count > 0) histogram.recordValueWithCount(Math.max(1, Math.round(seconds * 1e6)), count);
  const text = encodeIntoCompressedBase64(histogram);
  if (encoded.size > mostEncoded) encoded.clear();
  encoded.set(key, text);
  return text;
}

/** Maximum number of cached histograms; thousands of simulations would fill the memory. */
const mostEncoded = 10_000;
