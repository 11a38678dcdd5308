// Defines the exporter's own metrics about each cluster, host and collector it read.

import { labelled } from './collector.ts';
import { sectionMetrics } from './section-metrics.ts';

const { gauge, flag } = labelled();
const perCollector = labelled('collector');

/** Each has the label `cluster` or `host`. */
export const ownMetrics = {
  plimsoll_cluster_up: flag('1 if the cluster could be read for this page, else 0, whatever the cause.'),
  plimsoll_cluster_down: labelled('kind').flag(
    '1 if no broker of the cluster answered or none is registered, 0 if one answered; absent if the reading failed for another reason, such as a rejected password, or an unreachable name server of a cluster that was not down.',
  ),
  plimsoll_host_up: flag('1 if the host could be read for this page, else 0.'),
  plimsoll_scrape_read_duration_seconds: gauge('Time to read the cluster or host, before the collectors start.'),
  plimsoll_scrape_collector_success: perCollector.flag(
    '1 if the collector succeeded; 0 if its series are missing from this page; absent if the source cannot have them.',
  ),
  plimsoll_scrape_collector_duration_seconds: perCollector.gauge('Time that the collector took for what was read.'),
  plimsoll_cluster_requests_total: labelled('api').counter(
    'Requests sent to the cluster to read it, by the name of the API or request code.',
    'requests',
  ),
  plimsoll_scrape_series: gauge('Series of this cluster or host on this page, without those about the exporter.', {
    unit: 'series',
  }),
  plimsoll_scrape_series_limit: gauge('Limit of series of this cluster; above it, the most detailed are dropped.', {
    unit: 'series',
  }),
  plimsoll_scrape_series_shed: labelled('detail').gauge(
    'Series of single partitions, topics or groups dropped because of the limit; additive ones are summed as `_other`.',
    'series',
  ),
  ...sectionMetrics,
};
