// How is the exporter itself doing? What it says of every cluster, host and collector it read.

import type { MetricDefinition } from './collector.ts';

/** Each carries `cluster` or `host`. */
export const ownMetrics = {
  plimsoll_cluster_up: { type: 'gauge', help: '1 if the cluster could be read for this page, else 0.', labels: [] },
  plimsoll_cluster_unread_parts: {
    type: 'gauge',
    help: 'Parts of the cluster that could not be read for this page, such as a broker that does not answer; the log names them.',
    labels: [],
  },
  plimsoll_host_up: { type: 'gauge', help: '1 if the host could be read for this page, else 0.', labels: [] },
  plimsoll_scrape_read_duration_seconds: {
    type: 'gauge',
    help: 'How long reading the cluster or host took, before any collector began.',
    labels: [],
  },
  plimsoll_scrape_collector_success: {
    type: 'gauge',
    help: '1 if the collector had what it needs and answered; 0 if its series are missing from this page.',
    labels: ['collector'],
  },
  plimsoll_scrape_collector_duration_seconds: {
    type: 'gauge',
    help: 'How long the collector took over what was read.',
    labels: ['collector'],
  },
} as const satisfies Record<string, MetricDefinition>;
