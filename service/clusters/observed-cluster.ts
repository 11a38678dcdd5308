// Keeps the last reading of a cluster from any reader, and reads by itself when it is old.

import { brokerAnswers, rememberOutage } from '../../brokers/broker-answers.ts';
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

/** Two Prometheus servers scrape one after the other: over a second or two a rate is mostly chance. */
const leastSeconds = 10;
const failedReadingsThatDrop = 2;

export type ObservedCluster = ReturnType<typeof hearCluster>;

export function hearCluster(
  about: Pick<ServedCluster, 'name' | 'broker' | 'domains' | 'shown' | 'lookUp' | 'source'>,
  clock: Clock,
  /** After each reading, also after one that failed. */
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
    // A rate over an outage would be of neither side of it.
    base = undefined;
  }

  /** One reading may fail by chance: its rates are marked as old, and dropped with the second. */
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
      const refusal = snapshot.sections.find(({ kind, isUnreachable }) => kind !== 'fresh' && isUnreachable !== true);
      return fail(refusal?.reason ?? 'the brokers refused to answer', { isDown: false });
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
    // A skipped section has no rate: the last known one stays, with its age.
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
    /** Listens to a reader: the questions are passed on, and readings at the same time cost the cluster one. */
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
    /** Reads when the last reading is older. @throws what reading does */
    async readIfOlder(seconds: number, io: { signal: AbortSignal }): Promise<void> {
      if (last !== undefined && clock.monotonic() - last.atSeconds < seconds) return;
      await inspector?.snapshot(io);
    },
  };
}

const isTimeout = (reason: unknown) => reason instanceof Error && reason.name === 'TimeoutError';

/** The total includes the load of hidden topics and groups. */
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
