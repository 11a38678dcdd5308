// Chooses the level of detail that keeps a cluster within its series budget, stable between scrapes.

import { shedOrder, type Detail } from './exposition/detail.ts';
import { countSeries, type SeriesCount } from './exposition/series-count.ts';

/** Detail returns only if it fits into this share of the budget, so that it does not alternate at the limit. */
const returnShare = 0.9;

interface Shown<Rendering> {
  rendering: Rendering;
  /** Series on the page. */
  series: number;
  /** Omitted series by detail; 0 if none. */
  shed: Readonly<Record<(typeof shedOrder)[number], number>>;
}

/** @param render returns undefined if the budget is exhausted; pure, so that it can be repeated */
export type KeepWithinBudget = <Rendering>(
  render: (shed: ReadonlySet<Detail>, count: SeriesCount) => Promise<Rendering | undefined>,
) => Promise<Shown<Rendering>>;

export function createSeriesBudget(budget: number): KeepWithinBudget {
  let level = 0;

  return async (render) => {
    for (;;) {
      const shed = new Set<Detail>(shedOrder.slice(0, level));
      // Series without these details grow with brokers, not with topics, so they are always shown.
      const count = countSeries(level < shedOrder.length ? budget : Infinity);
      const rendering = await render(shed, count);
      if (rendering === undefined) {
        level++;
        continue;
      }
      const left = (detail: Detail) => (shed.has(detail) ? count.byDetail[detail] : 0);
      const finest = shedOrder[level - 1];
      // A failed reading has no series, which does not prove that there is room.
      const isRead = count.onPage > 0;
      if (finest !== undefined && isRead && count.onPage + count.byDetail[finest] <= budget * returnShare) level--;
      return {
        rendering,
        series: count.onPage,
        shed: { partition: left('partition'), topic: left('topic'), group: left('group') },
      };
    }
  };
}
