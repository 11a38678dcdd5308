// Which metrics are there? docs/metrics.md, made from what the collectors declare.

import type { Collector, MetricDefinition } from './collector.ts';
import { ownMetrics } from './own-metrics.ts';
import { collectors } from './registry.ts';

export function describeMetrics(): string {
  const all: readonly (readonly [string, Collector])[] = Object.entries(collectors);
  const differences = all.flatMap(([, { metrics }]) =>
    Object.entries(metrics).flatMap(([name, { differs }]) => (differs === undefined ? [] : [[name, differs] as const])),
  );
  return [
    '# Metrics',
    'Made from the declarations of the collectors in `exporter/collectors/`; `npm run update-golden` writes it anew.',
    'Every series of a cluster carries the label `cluster`, every series of a host the label `host`, besides the labels listed. ' +
      'What is unknown has no series: never 0, -1 or NaN. Offsets are printed exactly, also above 2^53.',
    ...all.flatMap(([name, { of, follows, metrics }]) => [
      `## ${name}`,
      `Of each ${of}; names, labels and units as in [${follows}](https://github.com/${follows}).`,
      table(metrics),
    ]),
    '## The exporter itself',
    'Of each cluster or host. A collector without success has no series on the page; the rest of the page is fresh all the same.',
    table(ownMetrics),
    'Beside them stand `process_*` and `nodejs_*` of this process (prom-client) and `plimsoll_build_info`.',
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

function table(metrics: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.entries(metrics).map(([name, { type, labels, help }]) => {
    const listed = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${listed} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
