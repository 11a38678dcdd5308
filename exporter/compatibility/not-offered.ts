// Lists the metrics of other exporters that are not offered by default, with reasons.

import type { Collector } from '../collector.ts';

const collectorRuns = '`plimsoll_scrape_collector_duration_seconds` and `plimsoll_scrape_collector_success` show it';
const ownBuild = '`plimsoll_build_info` names the version of this exporter';

export const notOffered: Partial<Readonly<Record<Collector['follows'], Readonly<Record<string, string>>>>> = {
  'danielqsj/kafka_exporter': {
    kafka_exporter_build_info: ownBuild,
    kafka_consumergroupzookeeper_lag_zookeeper: 'offsets that groups keep in ZooKeeper are not read',
  },
  'prometheus/node_exporter': {
    node_exporter_build_info: ownBuild,
    node_scrape_collector_duration_seconds: collectorRuns,
    node_scrape_collector_success: collectorRuns,
  },
};
