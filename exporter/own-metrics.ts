// Defines the exporter's own metrics about each cluster, host and collector it read.

import type { MetricDefinition } from './collector.ts';
import { sectionMetrics } from './section-metrics.ts';

/** Each carries `cluster` or `host`. */
export const ownMetrics = {
  plimsoll_cluster_up: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if the cluster could be read for this page, else 0, whatever the cause.',
    labels: [],
  },
  plimsoll_cluster_down: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if no broker of the cluster answered or none is registered, 0 if one answered; absent if the reading failed for another reason, such as a rejected password or an unreachable name server.',
    labels: ['kind'],
  },
  plimsoll_host_up: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if the host could be read for this page, else 0.',
    labels: [],
  },
  plimsoll_scrape_read_duration_seconds: {
    type: 'gauge',
    help: 'Time to read the cluster or host, before the collectors start.',
    labels: [],
  },
  plimsoll_scrape_collector_success: {
    type: 'gauge',
    unit: '1 or 0',
    help: '1 if the collector succeeded; 0 if its series are missing from this page.',
    labels: ['collector'],
  },
  plimsoll_scrape_collector_duration_seconds: {
    type: 'gauge',
    help: 'Time that the collector took for what was read.',
    labels: ['collector'],
  },
  plimsoll_cluster_requests_total: {
    type: 'counter',
    unit: 'requests',
    help: 'Requests sent to the cluster to read it, by the name of the API or request code.',
    labels: ['api'],
  },
  plimsoll_scrape_series: {
    type: 'gauge',
    unit: 'series',
    help: 'Series of this cluster or host on this page, without those about the exporter.',
    labels: [],
  },
  plimsoll_scrape_series_limit: {
    type: 'gauge',
    unit: 'series',
    help: 'Limit of series of this cluster; above it, the most detailed are dropped.',
    labels: [],
  },
  plimsoll_scrape_series_shed: {
    type: 'gauge',
    unit: 'series',
    help: 'Series of single partitions, topics or groups dropped because of the limit; additive ones are summed as `_other`.',
    labels: ['detail'],
  },
  ...sectionMetrics,
} as const satisfies Record<string, MetricDefinition>;
