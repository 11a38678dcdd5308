// Lists the series that a collector makes of a snapshot, by metric and label values.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ClusterCollector } from '../../exporter/collector.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';

export type Series = Readonly<Record<string, number | bigint>>;

/** @param ofMetric restricts the result to one metric, by label values */
export function seriesOf(
  collector: ClusterCollector,
  snapshot: ClusterSnapshot,
  ofMetric?: string,
  lagTimes?: LagTimes,
): Series {
  const collection = collector.collect({ snapshot, ...(lagTimes !== undefined && { lagTimes }) });
  if (collection.kind !== 'ok') throw new Error(collection.reason);
  const series: Record<string, number | bigint> = {};
  for (const { metric, labels, value } of collection.measurements) {
    if (ofMetric === undefined) series[[metric, ...labels].join(' ')] = value;
    else if (metric === ofMetric) series[labels.join(' ')] = value;
  }
  return series;
}
