// Chooses unit, legend and axis of a graph by its query, series names and limits.

import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from './panel.ts';
import { units } from './unit.ts';

/** Names of topics, consumer groups, paths and errors are long. */
const longNames = /\{\{(?:topic|consumergroup|path|error)\}\}|\{\{cluster\}\} \{\{group\}\}/;

/** One row per series: beside a graph there is room for ten, below it, for long names, for a third of the height. */
export const legendTable = ({ queries }: Panel) =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(queries.some(({ legend }) => longNames.test(legend)) ? LegendPlacement.Bottom : LegendPlacement.Right)
    .calcs(['lastNotNull'])
    // Largest first, because the legend may not have room for all.
    .sortBy('Last *')
    .sortDesc(true);

/** Grafana scales an axis with only zeros to 100, or to 10000%. A limit is always visible. */
export function softMaxOf({ unit, limits, canBeNegative, max }: Panel): number | undefined {
  if (max !== undefined || canBeNegative === true) return undefined;
  if (limits?.worse === 'above') return limits.warn;
  return leastAxis.get(unit) ?? 1;
}

const leastAxis = new Map<string, number>([
  [units.cores, 0.1],
  [units.perSecond, 0.1],
  [units.bytes, 1024],
  [units.bytesPerSecond, 1000],
  [units.duration, 60],
  [units.messagesPerSecond, 10],
  [units.ratio, 0.1],
  [units.seconds, 0.01],
]);

/** The first match applies. */
const unitsByName: readonly (readonly [RegExp, string])[] = [
  // Averages of flags and quotients of equal units are shares, and so is time per time.
  [/\bavg\b| \/ /, units.ratio],
  [/_cpu_seconds_total\b/, units.cores],
  [/_seconds_total\b|_ratio\b/, units.ratio],
  [/_bytes(?:_in|_out)?_total\b|_bytes_per_second\b|_link_(?:speed|burst)_bytes\b/, units.bytesPerSecond],
  [/_messages(?:_in)?_total\b|_messages_per_second\b|_tps\b|\bderiv\(/, units.messagesPerSecond],
  [/_requests_total\b/, units.requestsPerSecond],
  [/_bytes\b/, units.bytes],
  [/_(?:age|to_limit|timestamp|retention)_seconds\b/, units.duration],
  [/_seconds(?:_bucket)?\b/, units.seconds],
  [/\brate\(/, units.perSecond],
];

/** Derives the unit and the legend of a query from its functions and the names of its metrics. */
export const unitOf = (expr: string): string =>
  unitsByName.find(([name]) => name.test(namesIn(expr)))?.[1] ?? units.count;

const namesIn = (expr: string) => expr.replaceAll(/\{[^}]*\}/g, '');

/** Labels that identify a series, by part of its metric name; the first match applies. */
const labelsByMetric: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\b(?:jvm|plimsoll_process)_/, ['host', 'process']],
  [/\bplimsoll_host_link_/, ['host', 'device', 'direction']],
  [/\bnode_disk_/, ['host', 'device']],
  [/\b(?:node|plimsoll_host)_/, ['host']],
  [/\bzookeeper_/, ['cluster', 'server']],
  [/_log_dir_|_log_path_/, ['cluster', 'broker', 'path']],
  [/\brocketmq_broker_request_queue_/, ['cluster', 'broker', 'pool']],
  [/\bkafka_broker_request_(?:p99_)?seconds/, ['cluster', 'broker', 'request']],
  [/\b(?:kafka|rocketmq)_(?:broker|replica|timer|sync_state_set)_/, ['cluster', 'broker']],
  [/_consumergroup_/, ['cluster', 'consumergroup']],
  [/\bplimsoll_promotion_/, ['promotion']],
  [/\bplimsoll_run_(?:event_loop|worker)_/, ['instance', 'worker']],
  [/\b(?:process|plimsoll_history)_/, ['instance']],
];

/** The labels of the outermost aggregation, otherwise those of the metric, in the notation of Grafana. */
export function legendOf(expr: string): string {
  const aggregated = /\bby \(([^)]+)\)/.exec(expr)?.[1]?.split(', ');
  const labels = aggregated ?? labelsByMetric.find(([name]) => name.test(expr))?.[1] ?? ['cluster'];
  return labels
    .filter((label) => label !== 'le')
    .map((label) => `{{${label}}}`)
    .join(' ');
}
