// How much do others send through the cluster during a run? The growth of every log that is not the run's, read every few seconds.

import type { ClusterInspector } from '../brokers/driver.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { TelemetryRecord } from '../core/telemetry.ts';

export interface BackgroundTraffic {
  /**
   * Begins a reading when one is due, and does not wait for it: a large cluster takes longer than a second.
   * @returns what the one before came to, once
   */
  sample(elapsed: () => number, io: { signal: AbortSignal }): TelemetryRecord | undefined;
}

/** A reading asks every broker for the ends of all its partitions. */
const everySeconds = 5;
const deadlineMilliseconds = 4000;

type Ends = ReadonlyMap<string, { start?: bigint; end: bigint }>;

export function watchBackground(
  cluster: string,
  inspector: Pick<ClusterInspector, 'snapshot'>,
  topics: readonly string[],
  clock: Clock,
): BackgroundTraffic {
  const own = new Set(topics);
  let last: { ends: Ends; elapsedSeconds: number } | undefined;
  let told: TelemetryRecord | undefined;
  let begunAt = -Infinity;
  let isBusy = false;

  async function read(elapsed: () => number, signal: AbortSignal): Promise<TelemetryRecord | undefined> {
    const startedAt = clock.monotonic();
    const timing = () => ({ elapsedSeconds: elapsed(), scrapeSeconds: clock.monotonic() - startedAt });
    try {
      const ends = endsOf(await inspector.snapshot({ signal }, { groups: [] }), own);
      const now = timing();
      const before = last;
      last = { ends, elapsedSeconds: now.elapsedSeconds };
      if (before === undefined) return undefined;
      const intervalSeconds = now.elapsedSeconds - before.elapsedSeconds;
      return { kind: 'background', cluster, ...now, intervalSeconds, messages: growth(before.ends, ends) };
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'unreadable';
      const message = signal.aborted ? `not read within ${deadlineMilliseconds} ms` : (error as Error).message;
      return { kind: 'error', source: `background traffic of ${cluster}`, ...timing(), code, message };
    }
  }

  return {
    sample(elapsed, { signal }) {
      const ready = told;
      told = undefined;
      if (!isBusy && clock.monotonic() - begunAt >= everySeconds - 0.5) {
        isBusy = true;
        begunAt = clock.monotonic();
        const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
        void read(elapsed, within).then((record) => {
          isBusy = false;
          told = record;
        });
      }
      return ready;
    },
  };
}

/** Topics the brokers keep for themselves grow with the run's own commits, so they are nobody's. */
function endsOf({ topics, offsets }: ClusterSnapshot, own: ReadonlySet<string>): Ends {
  const others = new Set(topics.flatMap(({ name, internal }) => (internal || own.has(name) ? [] : [name])));
  return new Map(
    offsets.flatMap(({ topic, partition, brokerName = '', start, end }) =>
      end === undefined || !others.has(topic)
        ? []
        : [[`${topic} ${brokerName} ${partition}`, { end, ...(start !== undefined && { start }) }]],
    ),
  );
}

/** A log that is new counts from its beginning; one that was made anew, or lost its end, counts nothing. */
function growth(before: Ends, after: Ends): number {
  let messages = 0n;
  for (const [place, { start, end }] of after) {
    const from = before.get(place)?.end ?? start ?? end;
    if (end > from) messages += end - from;
  }
  return Number(messages);
}
