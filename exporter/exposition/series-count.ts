// Counts the series of a cluster, and those on its page, against the series budget.

import type { Detail } from './detail.ts';

export type SeriesCount = ReturnType<typeof countSeries>;

export function countSeries(budget: number) {
  const byDetail = { partition: 0, topic: 0, group: 0, cluster: 0 };
  let onPage = 0;
  return {
    byDetail: byDetail as Readonly<Record<Detail, number>>,
    get onPage() {
      return onPage;
    },
    /** Counts series that the cluster has, shown or not. */
    found: (detail: Detail, series = 1) => void (byDetail[detail] += series),
    /** Counts series on the page. @returns false if the budget is exhausted */
    shown: (series = 1) => (onPage += series) <= budget,
  };
}
