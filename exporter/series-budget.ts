// Chooses the level of detail that keeps a cluster within its series budget, stable between scrapes.

import { shedOrder, type Detail } from './exposition/detail.ts';
import { countSeries, type SeriesCount } from './exposition/series-count.ts';

/** Detail comes back when it would fill no more than this share of the budget, so that it does not come and go at the edge. */
const returnShare = 0.9;

interface Shown<Rendering> {
  rendering: Rendering;
  /** Series on the page. */
  series: number;
  /** Series left out, by detail; 0 where none is. */
  shed: Readonly<Record<(typeof shedOrder)[number], number>>;
}

/** @param render returns undefined when the count said that the budget is spent; pure, so that it can be asked again */
export type KeepWithinBudget = <Rendering>(
  render: (shed: ReadonlySet<Detail>, count: SeriesCount) => Promise<Rendering | undefined>,
) => Promise<Shown<Rendering>>;

export function createSeriesBudget(budget: number): KeepWithinBudget {
  let level = 0;

  return async (render) => {
    for (;;) {
      const shed = new Set<Detail>(shedOrder.slice(0, level));
      // What is left when everything was shed grows with brokers and not with topics: it is shown whatever the budget.
      const count = countSeries(level < shedOrder.length ? budget : Infinity);
      const rendering = await render(shed, count);
      if (rendering === undefined) {
        level++;
        continue;
      }
      const left = (detail: Detail) => (shed.has(detail) ? count.byDetail[detail] : 0);
      const finest = shedOrder[level - 1];
      // A failed reading has no series, which does not show that there is room.
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
