// Finds brokers that were lost during a run: they lead nothing any more, while copies are missing.

import type { LoadTestRun, Span } from './load-test-run.ts';

export interface LostBroker extends Span {
  broker: string;
}

/**
 * A leader that only moves leaves no copy behind, and a broker that does not respond in time, as under overload, leaves their
 * number unknown. Brokers that never led are not noticed.
 *
 * @returns `to` is the last reading without the broker
 */
export function lostBrokersOf({ brokers, underReplicated, document }: LoadTestRun): LostBroker[] {
  // A redline moves leaders.
  if (document.redline !== undefined) return [];
  const partitionsAt = new Map(underReplicated.map(({ elapsedSeconds, partitions }) => [elapsedSeconds, partitions]));
  return [...(brokers ?? [])].flatMap(([broker, intervals]) => {
    const counted = intervals.filter(({ leaders }) => leaders !== undefined);
    const firstLed = counted.findIndex(({ leaders = 0 }) => leaders > 0);
    const without = counted.filter(
      ({ leaders, to }, index) => index > firstLed && leaders === 0 && (partitionsAt.get(to) ?? 0) > 0,
    );
    const [first, last] = [without[0], without.at(-1)];
    return firstLed < 0 || first === undefined || last === undefined ? [] : [{ broker, from: first.from, to: last.to }];
  });
}
