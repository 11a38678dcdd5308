// Defines the dashboard variables; each lists the values of a label and narrows the next one.

import {
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panel.ts';

export interface VariablePlan {
  name: string;
  label: string;
  /** Series that provides the label values. */
  series: string;
  /** The label; default: the name of the variable. */
  from?: string;
  /** Regular expression of the values to keep, in slashes. */
  keep?: string;
}

/** Internal topics of brokers. */
const notOfBrokers =
  '/^(?!__|%|rmq_sys_|RMQ_SYS_|SYS_|SCHEDULE_TOPIC_|TBW102|OFFSET_MOVED_EVENT|BenchmarkTest|.+_REPLY_TOPIC$|_schemas$).+/';

/** The same as a selector, since all topics of the variable are `.+`. */
export const notInternal =
  'topic!~"__.+|%.+|rmq_sys_.+|RMQ_SYS_.+|SYS_.+|SCHEDULE_TOPIC_.+|TBW102|OFFSET_MOVED_EVENT|BenchmarkTest|.+_REPLY_TOPIC|_schemas"';

export const ofAnyCluster: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'plimsoll_cluster_up' };
export const ofKafka: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'kafka_brokers' };
export const ofRocketmq: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'rocketmq_brokers' };
export const ofCapacity: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'plimsoll_safe_max_tps' };
export const hosts: VariablePlan = { name: 'host', label: 'Host', series: 'plimsoll_host_up' };
/** As in the alert rules: other node_exporters may also have a label `host`. */
export const chosenHosts = 'job="plimsoll", host=~"$host"';
/** Each load test has a separate page, identified by its scrape address. */
export const ofRun: VariablePlan = { name: 'instance', label: 'Scraped at', series: 'plimsoll_run_info' };

/** @param series with the selector of the previous variables */
export function topics(series: string): VariablePlan {
  return { name: 'topic', label: 'Topic', series, keep: notOfBrokers };
}

/**
 * Base URL of the pages of `plimsoll serve` for the selected clusters: `service.publicUrl`, which its metrics repeat.
 * Empty if not configured. No dashboard URL can set it.
 */
export function consoleVariable(hasCluster: boolean) {
  const query = `label_values(plimsoll_cluster_console_info${hasCluster ? '{cluster=~"$cluster"}' : ''}, url)`;
  const variable = new QueryVariableBuilder('console')
    .datasource(datasource)
    .query(query)
    .definition(query)
    .hide(VariableHide.HideVariable)
    .refresh(VariableRefresh.OnTimeRangeChanged);
  return { build: () => ({ ...variable.build(), skipUrlSync: true }) };
}

/**
 * All means `.+`: the series must have the label. `.*` would also match series without it.
 * Refreshed when the time range changes, so that past values remain selectable.
 */
export function queryVariable({ name, label, series, from = name, keep }: VariablePlan): QueryVariableBuilder {
  const query = `label_values(${series}, ${from})`;
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });
  return keep === undefined ? variable : variable.regex(keep);
}
