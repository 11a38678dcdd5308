// Which metrics are there? docs/metrics.md, made from what the collectors declare.

import { brokerHostMetrics } from './broker-hosts.ts';
import { canaryMetrics } from './canary/canary-metrics.ts';
import type { Collector, MetricDefinition } from './collector.ts';
import { detailOf } from './exposition/detail.ts';
import { ownMetrics } from './own-metrics.ts';
import { collectors } from './registry.ts';
import { reloadMetrics } from './reload-metrics.ts';
import { shardMetrics } from './shards/shards.ts';

/** Metrics that another part of Plimsoll gives, on a page of its own. */
export interface MoreMetrics {
  title: string;
  /** Paragraphs before the table. */
  about: readonly string[];
  metrics: Readonly<Record<string, MetricDefinition>>;
}

export function describeMetrics(more: readonly MoreMetrics[]): string {
  const all: readonly (readonly [string, Collector])[] = Object.entries(collectors);
  const differences = all.flatMap(([, { metrics }]) =>
    Object.entries(metrics).flatMap(([name, { differs }]) => (differs === undefined ? [] : [[name, differs] as const])),
  );
  return [
    '# Metrics',
    'Made from the declarations of the collectors in `exporter/collectors/`; regenerate with `npm run update-golden`.',
    'Every series of a cluster carries the label `cluster`, every series of a host the label `host`, besides the labels listed. ' +
      'What is unknown has no series: never 0, -1 or NaN. Offsets are printed exactly, also above 2^53.',
    'Where topics, partitions and groups are more than `maxSeries` of the cluster allows, the finest series are left out first; ' +
      'those marked + are then added up, with `_other` in the labels that no longer tell them apart ([exporter.md](exporter.md)).',
    ...all.flatMap(([name, { of, follows, source, cost, metrics }]) => [
      `## ${name}`,
      `Of each ${of === 'cluster' ? 'cluster, whatever its kind' : of}; ${peerOf(follows)}.`,
      `Source: ${source}. Cost: ${cost}.`,
      table(metrics),
    ]),
    '## canary',
    'Of each cluster with `exporter.clusters.<name>.canary` ([exporter.md](exporter.md#canary)), besides `cluster`; names of ours, as no other exporter has such metrics.',
    'Source: probe messages. Cost: a message of less than 100 bytes sent and read every `everySeconds`, and the route of its topic every 10 s.',
    table(canaryMetrics),
    '## broker hosts',
    'Of each broker whose address is that of one configured host, or that config places on it, besides `cluster`; names of ours.',
    'Source: what clusters and hosts answered last. Cost: none.',
    table(brokerHostMetrics),
    '## shards',
    'Of an exporter that shares its targets with others ([exporter.md](exporter.md#several-exporters)); names of ours.',
    'Source: what the others answered. Cost: a request to each of them every `everySeconds`.',
    table(shardMetrics),
    '## The exporter itself',
    'Of each cluster or host. A collector without success has no series on the page; the rest of the page is fresh all the same.',
    'Source: its own clock and counters. Cost: none.',
    table(ownMetrics),
    'Of the config file, each time that SIGHUP has it read again:',
    table(reloadMetrics),
    'Beside them stand `process_*` and `nodejs_*` of this process (prom-client) and `plimsoll_build_info`.',
    ...more.flatMap(({ title, about, metrics }) => [`## ${title}`, ...about, table(metrics)]),
    '## Where values differ from the exporter followed',
    [
      '| metric | difference |',
      '|---|---|',
      ...differences.map(([name, differs]) => `| \`${name}\` | ${differs} |`),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function peerOf(follows: Collector['follows']): string {
  if (follows === 'ours') return 'names of ours, as no other exporter has such metrics';
  return `names, labels and units as in [${follows}](https://github.com/${follows})`;
}

function table(metrics: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.entries(metrics).map(([name, definition]) => {
    const { type, labels, help, additive = type === 'counter' } = definition;
    const listed = labels.map((label) => `\`${label}\``).join(', ');
    const isShed = detailOf(labels) !== 'cluster' && additive ? ' +' : '';
    return `| \`${name}\` | ${type}${isShed} | ${unitOf(name, definition) ?? ''} | ${listed} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| metric | type | unit | labels | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** What the collector says, else the last word of the name that is one; of a counter the thing it counts. */
export function unitOf(name: string, { unit }: Pick<MetricDefinition, 'unit'>): string | undefined {
  const [, named, rate] =
    /.*_(seconds|bytes|ratio|messages|partitions|requests|responses)(_per_second)?(?:_|$)/.exec(name) ?? [];
  const [, counted] = /_([a-z]+s)_total$/.exec(name) ?? [];
  return unit ?? (named === undefined ? counted : named + (rate ?? '').replaceAll('_', ' '));
}
