// Records live traffic, hosts and lag of a redline in its run bundle each second, and keeps the latest readings.

import type {
  TelemetryEnvironment,
  TelemetryRecord,
  TelemetrySource,
} from '../../core/documents/evidence/telemetry.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { type Clock, seconds, untilAborted } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, endOfWait } from '../../core/errors.ts';
import { createLatencyRecorder } from '../../loadgen/record/latency.ts';
import type { BundleWriter } from '../../loadgen/record/bundle/bundle-writer.ts';
import { meanOf, shortSeconds, watchUtilisation, type TimedUtilisation } from '../../loadgen/record/utilisation.ts';
import { messagesBetween, type LiveReading, type TopicFilter } from '../../ops/redline/live-load.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import type { CanaryLatency } from './canary-latency.ts';

interface RecorderParts {
  driver: Pick<RedlineDriver, 'read' | 'broker'>;
  only: TopicFilter;
  bundle: BundleWriter;
  telemetry: TelemetrySource;
  environment: TelemetryEnvironment;
  canary?: CanaryLatency;
  clock: Clock;
  /** Called with the readings of each second. */
  see(records: readonly TelemetryRecord[]): void;
}

export type LiveRecorder = Awaited<ReturnType<typeof recordLive>>;

const readingMs = 3000;
/** Longest time without any offsets. */
const blindSeconds = 10;

type Sample = { at: number; uses: ReadonlyMap<string, TimedUtilisation> };

/** @throws AppError of the cluster for the first reading */
export async function recordLive(parts: RecorderParts, { signal }: { signal: AbortSignal }) {
  const { driver, only, bundle, clock, canary } = parts;
  const { id } = driver.broker;
  const origin = clock.monotonic();
  const elapsed = () => clock.monotonic() - origin;
  const over = new AbortController();
  const io = { signal: AbortSignal.any([signal, over.signal]) };
  const none = createLatencyRecorder();
  const utilisationsOf = watchUtilisation(parts.environment);
  const samples: Sample[] = [];
  const lags: { at: number; group: string; messages: number }[] = [];
  let underReplicated: number | undefined;
  let latest = await driver.read(only, io);
  let waiting = newWait();
  let trouble: AppError | undefined;

  function count(reading: LiveReading): void {
    const messages = [...messagesBetween(latest, reading)].reduce(
      (sum, [key, each]) => sum + (reading.takers.get(key) === id ? each : 0),
      0,
    );
    bundle.journal.append({
      kind: 'produced',
      elapsedSeconds: reading.atSeconds - origin,
      intervalSeconds: reading.atSeconds - latest.atSeconds,
      worker: 'live',
      intended: messages,
      sent: messages,
      acknowledged: messages,
      failed: 0,
      requests: 0,
      bytes: 0,
      latency: canary?.take() ?? none.take(),
      sendDelay: none.take(),
      eventLoopUtilisation: 0,
      eventLoopDelayMaxSeconds: 0,
      cpuSeconds: 0,
    });
    latest = reading;
  }

  async function readTraffic(): Promise<void> {
    const within = { signal: AbortSignal.any([io.signal, AbortSignal.timeout(readingMs)]) };
    try {
      const reading = await driver.read(only, within);
      if (io.signal.aborted || reading.atSeconds <= latest.atSeconds) return;
      count(reading);
      waiting.resolve(reading);
      waiting = newWait();
    } catch (cause) {
      if (io.signal.aborted) return;
      if (clock.monotonic() - latest.atSeconds < blindSeconds) return;
      const why = cause instanceof AppError ? cause.message : String(cause);
      trouble ??= new AppError('broker-unreachable', `offsets were not read for ${blindSeconds} s: ${why}`, {
        hint: 'check the brokers; repeat the redline when they answer in time',
      });
      waiting.reject(trouble);
    }
  }

  async function readMachines(): Promise<void> {
    const records = (await parts.telemetry.sample(elapsed, io)).flatMap((record) => ownRecord(record, id));
    for (const record of records) bundle.telemetry.append(record);
    for (const record of records) {
      const uses = new Map(utilisationsOf([record]).map((use) => [use.resource, use] as const));
      if (uses.size > 0) samples.push({ at: elapsed(), uses });
      if (record.kind !== 'cluster') continue;
      underReplicated = record.underReplicatedPartitions;
      for (const { group, lagMessages } of record.groups)
        lags.push({ at: record.elapsedSeconds, group, messages: lagMessages });
    }
    parts.see(records);
  }

  async function flush(): Promise<void> {
    await Promise.all([bundle.journal.flush(), bundle.telemetry.flush()]);
  }

  async function keepReading(): Promise<void> {
    for (let second = 1; !io.signal.aborted; second = Math.max(second + 1, Math.ceil(elapsed()))) {
      await clock.sleep(seconds(Math.max(0, second - elapsed())), io).catch(endOfWait);
      if (io.signal.aborted) return;
      await Promise.all([readTraffic(), readMachines()]);
      await flush();
    }
  }

  const reading = keepReading().catch((cause: unknown) => {
    trouble ??= cause instanceof AppError ? cause : new AppError('run-unreadable', String(cause));
    waiting.reject(trouble);
  });

  return {
    /** Monotonic seconds since the start. */
    elapsed,
    write: (line: JournalLine) => bundle.journal.append(line),
    flush,
    latest: () => latest,
    /** Resolves with the next reading. @throws the signal's reason */
    next(): Promise<LiveReading> {
      if (trouble !== undefined) return Promise.reject(trouble);
      return untilAborted(waiting.promise, io.signal);
    },
    /** Mean use of each resource of the broker's host over the last seconds, as shares. */
    recentUses(window: number): ReadonlyMap<string, number> {
      const recent = samples.filter(({ at }) => at >= elapsed() - window).flatMap(({ uses }) => [...uses.values()]);
      // A short interval counts only together with the previous one.
      const from = recent.findIndex((use) => use.seconds >= shortSeconds);
      const counted = from < 0 ? [] : recent.slice(from);
      return new Map(
        [...Map.groupBy(counted, (use) => use.resource)].map(([name, uses]) => [name, meanOf(uses).utilisation]),
      );
    },
    /** Lag of each group in messages, since a moment. */
    lagSince(from: number): ReadonlyMap<string, number[]> {
      const own = Map.groupBy(
        lags.filter(({ at }) => at >= from),
        ({ group }) => group,
      );
      return new Map(Array.from(own, ([group, rows]) => [group, rows.map(({ messages }) => messages)]));
    },
    underReplicated: () => underReplicated,
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the redline is over'));
      await reading;
    },
  };
}

/** A rejection that nobody awaits is kept for the next caller. */
function newWait(): PromiseWithResolvers<LiveReading> {
  const wait = Promise.withResolvers<LiveReading>();
  wait.promise.catch(awaitedElsewhere);
  return wait;
}

/** Records of the broker and its host, without the placement of replicas, which changes with every step. */
function ownRecord(record: TelemetryRecord, broker: string): TelemetryRecord[] {
  if (record.kind === 'background') return [];
  if (record.kind === 'broker' && record.broker !== broker) return [];
  if (record.kind !== 'cluster') return [record];
  const { placement: _, leaders: __, ...own } = record;
  return [own];
}
