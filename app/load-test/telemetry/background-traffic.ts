// Counts the traffic of other clients during a run: growth of every log except the run's, every few seconds.

import { logGrowth, observeLogs, type KnownLogs } from '../../../brokers/delta/log-growth.ts';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';

/** A reading requests the ends of all partitions from every broker. */
const everySeconds = 5;
const deadlineMilliseconds = 4000;
/** An unreadable broker delays the record at most this long, since its messages belong to that whole time. */
const mostDelaySeconds = 20;

export function watchBackground(
  cluster: string,
  inspector: Pick<ClusterInspector, 'snapshot'>,
  topics: readonly string[],
  clock: Clock,
) {
  const own = new Set(topics);
  let counted: { logs: KnownLogs; elapsedSeconds: number } | undefined;
  let latest: KnownLogs | undefined;
  let ready: TelemetryRecord | undefined;
  let isBusy = false;
  let begunAt = -Infinity;

  async function read(elapsed: () => number, signal: AbortSignal): Promise<TelemetryRecord | undefined> {
    const startedAt = clock.monotonic();
    const timing = () => ({ elapsedSeconds: elapsed(), scrapeSeconds: clock.monotonic() - startedAt });
    try {
      const snapshot = await inspector.snapshot({ signal }, { groups: [] });
      const now = timing();
      const before = counted;
      latest = observeLogs({ atSeconds: now.elapsedSeconds, snapshot }, latest);
      if (before === undefined) counted = { logs: latest, elapsedSeconds: now.elapsedSeconds };
      if (before === undefined) return undefined;
      const intervalSeconds = now.elapsedSeconds - before.elapsedSeconds;
      const { messages, isComplete } = countedBetween(before.logs, latest, topicsOfOthers(snapshot, own));
      if (!isComplete && intervalSeconds < mostDelaySeconds) return undefined;
      counted = { logs: latest, elapsedSeconds: now.elapsedSeconds };
      return { kind: 'background', cluster, ...now, intervalSeconds, messages };
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'unreadable';
      const message = signal.aborted ? `not read within ${deadlineMilliseconds} ms` : (error as Error).message;
      return { kind: 'error', source: `background traffic of ${cluster}`, ...timing(), code, message };
    }
  }

  return {
    /**
     * Starts a reading if one is due, without waiting for it: a large cluster takes longer than a second.
     * @returns the record of the previous reading, once
     */
    sample(elapsed: () => number, { signal }: { signal: AbortSignal }): TelemetryRecord | undefined {
      const record = ready;
      ready = undefined;
      if (!isBusy && clock.monotonic() - begunAt >= everySeconds - 0.5) {
        isBusy = true;
        begunAt = clock.monotonic();
        const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
        void read(elapsed, within).then((next) => {
          isBusy = false;
          ready = next;
        });
      }
      return record;
    },
  };
}

/** Internal topics grow with the run's own commits, so they do not count as other clients' traffic. */
function topicsOfOthers({ topics }: ClusterSnapshot, own: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(topics.flatMap(({ name, internal }) => (internal || own.has(name) ? [] : [name])));
}

/** Complete if every log with a leader was read. */
function countedBetween(
  before: KnownLogs,
  after: KnownLogs,
  topics: ReadonlySet<string>,
): { messages: number; isComplete: boolean } {
  let messages = 0;
  let isComplete = true;
  for (const growth of logGrowth(before, after)) {
    if (!topics.has(growth.topic)) continue;
    if (growth.kind === 'known') messages += growth.messages;
    else if (growth.reason === 'not-read') isComplete = false;
  }
  return { messages, isComplete };
}
