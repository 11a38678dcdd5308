// Derives the unit and the legend of a query from the names of its metrics, which end in their unit.

import { units } from './unit.ts';

/** By the end of a metric name; the first match applies. */
const unitsBySuffix: readonly (readonly [RegExp, string])[] = [
  [/_cpu_seconds_total\b/, units.cores],
  [/_(?:age|to_limit|timestamp)_seconds\b/, units.duration],
  [/_ratio\b/, units.ratio],
  [/_bytes(?:_in|_out)?_total\b|_bytes_per_second\b/, units.bytesPerSecond],
  [/_messages(?:_in)?_total\b|_messages_per_second\b|_tps\b/, units.messagesPerSecond],
  [/_requests_total\b/, units.requestsPerSecond],
  [/_bytes\b/, units.bytes],
  [/_seconds(?:_bucket)?\b/, units.seconds],
];

export const unitOf = (expr: string): string =>
  unitsBySuffix.find(([suffix]) => suffix.test(namesIn(expr)))?.[1] ?? units.count;

const namesIn = (expr: string) => expr.replaceAll(/\{[^}]*\}/g, '');

/** Labels that identify a series, by part of its metric name; the first match applies. */
const labelsByMetric: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\b(?:jvm|plimsoll_process)_/, ['host', 'process']],
  [/\b(?:node|plimsoll_host)_/, ['host']],
  [/\b(?:kafka|rocketmq)_(?:broker|replica)_/, ['cluster', 'broker']],
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
