// Records the metrics of each broker during a run, as `broker` records of the telemetry.

import type { BrokerReading, BrokerSource, BrokerWatch } from '../../../brokers/figures/broker-reading.ts';
import { figuresBetween } from '../../../brokers/figures/figures-between.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { brokerFigureNames } from '../../../core/documents/evidence/broker-figures.ts';
import type { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';

type Timing = Pick<TelemetryRecord, 'elapsedSeconds' | 'scrapeSeconds'>;

/** A JMX exporter reads all beans for its page: 10,000 lines took an idle broker 0.4 s, a busy one 4 s. */
const deadlineMilliseconds = 6000;
/** Time after a report of the GC log in which pauses of the broker come only from that log. */
const gcLogSeconds = 30;
/** Figures of a GC log that other sources also provide. */
const pauseFigures = ['heapUsedRatio', 'gcPauseShare', 'longestPauseSeconds'] as const;
export const gcLogSource = 'gc-log';

/** @param watch closed together with the recorder */
export function recordBrokers(cluster: string, watches: readonly BrokerWatch[], clock: Pick<Clock, 'monotonic'>) {
  const last = new Map<string, { reading: BrokerReading; elapsedSeconds: number }>();
  const busy = new Set<string>();
  /** When the GC log of a broker last provided a figure. */
  const gcLogAt = new Map<string, number>();
  const listing = new Set<BrokerWatch>();
  let ready: TelemetryRecord[] = [];

  /** @returns undefined for the first reading of a broker, which has no predecessor */
  function recordOf(reading: BrokerReading, timing: Timing): TelemetryRecord | undefined {
    const { broker, source } = reading;
    const key = `${source} ${broker}`;
    const before = last.get(key);
    const { elapsedSeconds } = timing;
    last.set(key, { reading, elapsedSeconds });
    if (before === undefined || elapsedSeconds <= before.elapsedSeconds) return undefined;
    const intervalSeconds = elapsedSeconds - before.elapsedSeconds;
    const figures = figuresBetween(before.reading, reading, intervalSeconds);
    for (const name of pauseFigures) {
      const figure = `${broker} ${name}`;
      if (source === gcLogSource && figures[name] !== undefined) gcLogAt.set(figure, elapsedSeconds);
      // Both sources count the same pauses; the log has each of them.
      else if (elapsedSeconds - (gcLogAt.get(figure) ?? -Infinity) < gcLogSeconds) delete figures[name];
    }
    if (brokerFigureNames.every((name) => figures[name] === undefined)) return undefined;
    return { kind: 'broker', cluster, broker, ...timing, intervalSeconds, source, figures };
  }

  /** A failure becomes a record, and delays no other source. */
  async function attempt<Value>(
    name: string,
    elapsed: () => number,
    signal: AbortSignal,
    read: (io: { signal: AbortSignal }) => Promise<Value>,
  ): Promise<{ value: Value; timing: Timing } | undefined> {
    const startedAt = clock.monotonic();
    const timing = () => ({ elapsedSeconds: elapsed(), scrapeSeconds: clock.monotonic() - startedAt });
    const deadline = AbortSignal.timeout(deadlineMilliseconds);
    try {
      const value = await read({ signal: AbortSignal.any([signal, deadline]) });
      return { value, timing: timing() };
    } catch (error) {
      // Samples in progress at the end of the run are discarded.
      if (signal.aborted) return undefined;
      const code = deadline.aborted ? 'slow' : error instanceof AppError ? error.code : 'unreadable';
      const message = deadline.aborted
        ? `${name} did not answer within ${deadlineMilliseconds} ms`
        : (error as Error).message;
      ready.push({ kind: 'error', source: name, ...timing(), code, message });
      return undefined;
    }
  }

  async function readSource(source: BrokerSource, elapsed: () => number, signal: AbortSignal): Promise<void> {
    if (busy.has(source.name)) return;
    busy.add(source.name);
    const read = await attempt(source.name, elapsed, signal, (io) => source.read(io));
    busy.delete(source.name);
    for (const reading of read?.value ?? []) {
      const record = read && recordOf(reading, read.timing);
      if (record !== undefined) ready.push(record);
    }
  }

  async function readWatch(watch: BrokerWatch, elapsed: () => number, signal: AbortSignal): Promise<void> {
    if (listing.has(watch)) return;
    listing.add(watch);
    const listed = await attempt(`list of brokers of ${cluster}`, elapsed, signal, (io) => watch.sources(io));
    listing.delete(watch);
    for (const source of listed?.value ?? []) void readSource(source, elapsed, signal);
  }

  return {
    /**
     * Starts a reading of each idle source, without waiting: a page of a JMX exporter takes seconds.
     * @returns records completed since the previous call
     */
    sample(elapsed: () => number, { signal }: { signal: AbortSignal }): readonly TelemetryRecord[] {
      const taken = ready;
      ready = [];
      for (const watch of watches) void readWatch(watch, elapsed, signal);
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(watches.map((watch) => watch[Symbol.asyncDispose]()));
    },
  };
}
