// Finds brokers of the run's topics that were lost during a run.

import type { LoadTestRun, Span } from './load-test-run.ts';

export interface LostBroker extends Span {
  broker: string;
}

/**
 * A broker is lost if the cluster no longer lists it, or if it leads nothing any more while copies are missing: a leader that only
 * moves leaves no copy behind, and a broker that does not respond in time, as under overload, leaves their number unknown.
 *
 * @returns times between two readings after which the broker was lost
 */
export function lossesOf({ brokers, missing, underReplicated, placements, document }: LoadTestRun): LostBroker[] {
  // A redline moves leaders.
  if (document.redline !== undefined) return [];
  const replicas = new Set(placements?.flatMap(({ rows }) => rows.flatMap((row) => row.replicas)));
  const partitionsAt = new Map(underReplicated.map(({ elapsedSeconds, partitions }) => [elapsedSeconds, partitions]));
  const leaderless = [...(brokers ?? [])].flatMap(([broker, intervals]): LostBroker[] => {
    const counted = intervals.filter(({ leaders }) => leaders !== undefined);
    const firstLed = counted.findIndex(({ leaders = 0 }) => leaders > 0);
    return (firstLed < 0 ? [] : counted.slice(firstLed))
      .filter(({ leaders, to }) => leaders === 0 && (partitionsAt.get(to) ?? 0) > 0)
      .map(({ from, to }) => ({ broker, from, to }));
  });
  return [...(missing ?? []).filter(({ broker }) => replicas.has(broker)), ...leaderless];
}

/** Returns the first and last time without each lost broker; a broker may have returned meanwhile. */
export function lostBrokersOf(run: LoadTestRun): LostBroker[] {
  return Array.from(
    Map.groupBy(lossesOf(run), ({ broker }) => broker),
    ([broker, all]) => ({
      broker,
      from: Math.min(...all.map(({ from }) => from)),
      to: Math.max(...all.map(({ to }) => to)),
    }),
  );
}
