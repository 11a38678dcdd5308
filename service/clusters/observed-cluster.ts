// Keeps the last reading of a cluster from any reader, and reads the cluster itself when that reading is old.

import { brokerAnswers, refusalIn, rememberOutage } from '../../brokers/broker-answers.ts';
import { observeLogs } from '../../brokers/delta/log-growth.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { mayHaveSlept, type Clock } from '../../core/clock.ts';
import { shareReading } from '../../exporter/shared-reading.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { showOnly, type ShownNames } from '../../exporter/shown-snapshot.ts';
import type { FailedReadings, ServedCluster } from '../parts.ts';
import { rememberBrokers } from './broker-presence.ts';
import type { ClusterTraffic } from './traffic.ts';
import { trafficBetween, type ObservedSnapshot } from './traffic-between.ts';

/** Two Prometheus servers may scrape in short succession, and a rate over a second or two is mostly noise. */
const leastSeconds = 10;
const failedReadingsThatDrop = 2;

export type ObservedCluster = ReturnType<typeof hearCluster>;

export function hearCluster(
  about: Pick<ServedCluster, 'name' | 'broker' | 'domains' | 'shown' | 'lookUp' | 'source'>,
  clock: Clock,
  /** Called after each reading, including failed ones. */
  onReading: (served: ServedCluster) => void = () => {},
) {
  let inspector: ClusterInspector | undefined;
  let last: { at: Date; atSeconds: number; snapshot: ClusterSnapshot; shown?: ClusterSnapshot } | undefined;
  let base: ObservedSnapshot | undefined;
  let traffic: ClusterTraffic | undefined;
  let trouble: FailedReadings | undefined;
  let rateAt: Date | undefined;
  let readingsWithoutRate = 0;
  const brokers = rememberBrokers();
  const outage = rememberOutage();

  function fail(reason: string, { isDown }: { isDown: boolean }): void {
    trouble = { at: clock.now(), reason, isDown };
    lackRate(undefined);
    if (isDown) brokers.noneAnswer();
    // Cleared, because a rate across an outage describes neither side.
    base = undefined;
  }

  /** Keeps rates after one failed reading, marked as old, because it may be a chance failure; drops them after the second. */
  function lackRate(partial: ClusterTraffic | undefined): void {
    readingsWithoutRate++;
    if (readingsWithoutRate >= failedReadingsThatDrop) traffic = partial;
    else if (traffic !== undefined) traffic = { ...traffic, isOld: true };
  }

  function note(snapshot: ClusterSnapshot): void {
    const answers = brokerAnswers(snapshot.sections);
    outage.note(answers);
    if (answers === 'none') return fail('no broker answered', { isDown: true });
    if (answers === 'unknown') {
      return fail(refusalIn(snapshot.sections)?.reason ?? 'the brokers refused to answer', { isDown: false });
    }
    const now = { at: clock.now(), atSeconds: clock.monotonic(), snapshot };
    trouble = undefined;
    last = now;
    brokers.note(snapshot, now.at.getTime());
    if (base !== undefined && mayHaveSlept(base, now)) {
      lackRate(undefined);
      base = undefined;
    }
    const before = base;
    if (before !== undefined && now.atSeconds - before.atSeconds < leastSeconds) return;
    base = { ...now, logs: observeLogs(now, before?.logs) };
    if (before === undefined) return;
    const next = shownOf(trafficBetween(before, base), about.shown);
    if (next.produceTps !== undefined) {
      traffic = next;
      rateAt = next.at;
      readingsWithoutRate = 0;
    } else if (traffic?.produceTps === undefined) traffic = next;
    // A skipped section has no rate: the last known rate stays, with its age.
    else if (snapshot.sections.some(({ kind }) => kind === 'kept' || kind === 'missing')) lackRate(next);
  }

  const served: ServedCluster = {
    ...about,
    last() {
      if (last === undefined) return undefined;
      const { at, snapshot } = last;
      last.shown ??= showOnly(snapshot, about.shown);
      return { at, snapshot: last.shown };
    },
    traffic: () => traffic,
    trouble: () => trouble,
    rateAt: () => rateAt,
    presence: () => brokers.presence(clock.now().getTime()),
  };

  return {
    served,
    /** Observes a reader: requests are forwarded, and concurrent readings share one request to the cluster. */
    hear(source: ClusterInspector): ClusterInspector {
      const read = shareReading(async (io) => {
        try {
          const snapshot = await source.snapshot(io);
          note(snapshot);
          onReading(served);
          return snapshot;
        } catch (cause) {
          // A canceled reading has no result; one that reached its deadline has failed.
          if (!io.signal.aborted) fail((cause as Error).message, { isDown: outage.isDownAfter(cause) });
          else if (isTimeout(io.signal.reason)) fail('no answer in time', { isDown: false });
          else throw cause;
          onReading(served);
          throw cause;
        }
      });
      inspector = {
        ...source,
        snapshot: (io, wanted) => (wanted === undefined ? read(io) : source.snapshot(io, wanted)),
      };
      return inspector;
    },
    /** Reads the cluster if the last reading is older. @throws any fault of the reading */
    async readIfOlder(seconds: number, io: { signal: AbortSignal }): Promise<void> {
      if (last !== undefined && clock.monotonic() - last.atSeconds < seconds) return;
      await inspector?.snapshot(io);
    },
  };
}

const isTimeout = (reason: unknown) => reason instanceof Error && reason.name === 'TimeoutError';

/** Hides topics and groups; the total still includes their load. */
function shownOf(traffic: ClusterTraffic, { topics, groups }: ShownNames): ClusterTraffic {
  const only = <Value>(named: ReadonlyMap<string, Value>, filter: ShownNames['topics']) =>
    new Map([...named].filter(([name]) => isAllowed(name, filter)));
  const shownGroups = new Map(
    Array.from(only(traffic.groups, groups), ([name, { consumeTps, topics: read }]) => [
      name,
      { consumeTps, ...(read && { topics: only(read, topics) }) },
    ]),
  );
  return { ...traffic, topics: only(traffic.topics, topics), groups: shownGroups };
}
