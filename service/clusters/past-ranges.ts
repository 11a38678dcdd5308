// Reads the load of a cluster over a past range from its Prometheus, for charts: at most some 340 points.

import { readNamingSchemes, type NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { Clock } from '../../core/clock.ts';
import type { PastRange } from '../../core/readings-range.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';
import type { SlotValues } from '../../dashboards/web/readings/readings-view.ts';
import type { ServedCluster } from '../parts.ts';
import { questionOf, rateAt, trafficReader, type PastRates } from './past-traffic.ts';
import { createSourceReads, type SourceAnswer } from './source-reads.ts';

interface PastLoad {
  /** Messages per second, the mean of each slot; no line where nothing is known. */
  produced?: SlotValues;
  consumed?: SlotValues;
  queries: readonly SourceQuery[];
}

export type PastLoads = (
  served: Pick<ServedCluster, 'name' | 'broker' | 'last' | 'source'>,
  range: PastRange,
) => Promise<SourceAnswer<PastLoad> | { kind: 'no-source' }>;

const pastKeptMs = 3_600_000;
const currentKeptMs = 60_000;

export function createPastLoads(clock: Clock): PastLoads {
  const ask = createSourceReads<PastLoad>(clock);
  let schemes: readonly NamingScheme[] | undefined;
  return async (served, { endMs, slotMs, slots }) => {
    const question = questionOf(served);
    if (question === undefined) return { kind: 'no-source' };
    // Points are ends of intervals.
    const gridSeconds = slotMs / 1000;
    const grid = { firstEnd: endMs / 1000 - (slots - 1) * gridSeconds, gridSeconds, points: slots };
    const isPast = endMs + pastKeptMs < clock.now().getTime();
    return ask({
      key: `${served.name}\0${endMs}\0${slotMs}\0${slots}`,
      source: question.name,
      keptMs: () => (isPast ? pastKeptMs : currentKeptMs),
      async read({ signal }) {
        const reader = trafficReader(question, { schemes: (schemes ??= readNamingSchemes()), clock, signal });
        const { produced, consumed, queries } = await reader.rates(grid);
        const lineOf = (rates: PastRates | undefined) =>
          rates && Array.from({ length: slots }, (_, slot) => rateAt(rates, slot));
        const [put, got] = [lineOf(produced), lineOf(consumed)];
        return { ...(put && { produced: put }), ...(got && { consumed: got }), queries };
      },
    });
  };
}
