// Reads the load of a cluster over a past range from its Prometheus, for charts: at most about 340 points.

import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import type { PastRange } from '../../core/readings-range.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';
import type { SlotValues } from '../../dashboards/web/readings/readings-view.ts';
import { rateAt, trafficReader, type PastRates } from './past-traffic.ts';
import { createSourceReads, type RequestedCluster, type SourceAnswer } from './source-reads.ts';

interface PastLoad {
  /** Messages per second, the mean of each slot; absent if no value is known. */
  produced?: SlotValues;
  consumed?: SlotValues;
  queries: readonly SourceQuery[];
}

export type PastLoads = (served: RequestedCluster, range: PastRange) => Promise<SourceAnswer<PastLoad>>;

/** Samples of the last hour may still arrive. */
const settleMs = 3_600_000;

export function createPastLoads(clock: Clock): PastLoads {
  const ask = createSourceReads<PastLoad>(clock);
  return (served, { endMs, slotMs, slots }) => {
    // Points are the ends of intervals.
    const gridSeconds = slotMs / 1000;
    const grid = { firstEnd: endMs / 1000 - (slots - 1) * gridSeconds, gridSeconds, points: slots };
    const isPast = endMs + settleMs < clock.now().getTime();
    return ask(served, {
      key: `${endMs}\0${slotMs}\0${slots}`,
      isPast: () => isPast,
      async read(question, io) {
        const { produced, consumed, queries } = await trafficReader(question, io).rates(grid);
        const lineOf = (rates: PastRates | undefined) =>
          rates && Array.from({ length: slots }, (_, slot) => rateAt(rates, slot));
        return { ...defined({ produced: lineOf(produced), consumed: lineOf(consumed) }), queries };
      },
    });
  };
}
