// Counts the series of a cluster and those on its page, against the series budget.

import type { Detail } from './detail.ts';

export interface SeriesCount {
  /** More that the cluster has, shown or not. Default: one. */
  found(detail: Detail, series?: number): void;
  /** More on the page. Default: one. @returns false when the budget is spent */
  shown(series?: number): boolean;
  readonly onPage: number;
  readonly byDetail: Readonly<Record<Detail, number>>;
}

export function countSeries(budget: number): SeriesCount {
  const byDetail = { partition: 0, topic: 0, group: 0, cluster: 0 };
  let onPage = 0;
  return {
    byDetail,
    get onPage() {
      return onPage;
    },
    found: (detail, series = 1) => void (byDetail[detail] += series),
    shown: (series = 1) => (onPage += series) <= budget,
  };
}
