// How many series has a cluster, how many are on the page, and does the budget allow the next?

import type { Detail } from './detail.ts';

export interface SeriesCount {
  /** One more that the cluster has, shown or not. */
  found(detail: Detail): void;
  /** One more on the page. @returns false when the budget is spent */
  shown(): boolean;
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
    found: (detail) => void byDetail[detail]++,
    shown: () => ++onPage <= budget,
  };
}
