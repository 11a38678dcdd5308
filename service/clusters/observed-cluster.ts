// Keeps the last reading of a cluster from any reader, and reads by itself when it is old.

import { hasBrokerAnswered } from '../../brokers/has-broker-answered.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Clock } from '../../core/clock.ts';
import { shareReading } from '../../exporter/shared-reading.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { showOnly, type ShownNames } from '../../exporter/shown-snapshot.ts';
import type { ServedCluster } from '../parts.ts';
import type { ClusterTraffic } from './traffic.ts';
import { trafficBetween, type TimedSnapshot } from './traffic-between.ts';

/** Two Prometheus servers scrape one after the other: over a second or two a rate is mostly chance. */
const leastSeconds = 10;

export interface ObservedCluster {
  served: ServedCluster;
  /** Listens to a reader: the questions are passed on, and readings at the same time cost the cluster one. */
  hear(inspector: ClusterInspector): ClusterInspector;
  /** Reads when the last reading is older. @throws what reading does */
  readIfOlder(seconds: number, io: { signal: AbortSignal }): Promise<void>;
}

export function hearCluster(
  about: Pick<ServedCluster, 'name' | 'broker' | 'domains' | 'shown' | 'lookUp' | 'source'>,
  clock: Clock,
): ObservedCluster {
  let inspector: ClusterInspector | undefined;
  let last: (TimedSnapshot & { shown?: ClusterSnapshot }) | undefined;
  let base: TimedSnapshot | undefined;
  let traffic: ClusterTraffic | undefined;
  let trouble: { at: Date; reason: string } | undefined;

  function note(snapshot: ClusterSnapshot): void {
    if (snapshot.sections.length > 0 && !hasBrokerAnswered(snapshot.sections)) {
      trouble = { at: clock.now(), reason: 'no broker answered' };
      return;
    }
    const now: TimedSnapshot = { at: clock.now(), atSeconds: clock.monotonic(), snapshot };
    trouble = undefined;
    last = now;
    if (base === undefined) base = now;
    if (now.atSeconds - base.atSeconds < leastSeconds) return;
    const next = shownOf(trafficBetween(base, now), about.shown);
    base = now;
    // A skipped section has no rate: the last known one stays, with its age.
    if (next.produceTps !== undefined || traffic?.produceTps === undefined) traffic = next;
  }

  return {
    served: {
      ...about,
      last() {
        if (last === undefined) return undefined;
        const { at, snapshot } = last;
        last.shown ??= showOnly(snapshot, about.shown);
        return { at, snapshot: last.shown };
      },
      traffic: () => traffic,
      trouble: () => trouble,
    },
    hear(heard) {
      const read = shareReading(async (io) => {
        try {
          const snapshot = await heard.snapshot(io);
          note(snapshot);
          return snapshot;
        } catch (cause) {
          // A canceled reading has no result.
          if (!io.signal.aborted) trouble = { at: clock.now(), reason: (cause as Error).message };
          throw cause;
        }
      });
      inspector = {
        ...heard,
        snapshot: (io, wanted) => (wanted === undefined ? read(io) : heard.snapshot(io, wanted)),
        [Symbol.asyncDispose]: () => heard[Symbol.asyncDispose](),
      };
      return inspector;
    },
    async readIfOlder(seconds, io) {
      if (last !== undefined && clock.monotonic() - last.atSeconds < seconds) return;
      try {
        await inspector?.snapshot(io);
      } catch (cause) {
        if (io.signal.aborted) trouble = { at: clock.now(), reason: 'no answer in time' };
        throw cause;
      }
    },
  };
}

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
