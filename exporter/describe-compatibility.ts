// Generates docs/compatibility.md from the collectors' declarations.

import type { Collector } from './collector.ts';
import type { Compatibility, CompatibilityMetric } from './compatibility/compatibility.ts';
import { notOffered } from './compatibility/not-offered.ts';
import { compatibilities } from './compatibility/registry.ts';
import { collectors } from './registry.ts';

export function describeCompatibility(): string {
  const options: readonly (readonly [string, Compatibility])[] = Object.entries(compatibilities);
  return [
    '# Compatibility',
    'Made from the declarations in `exporter/collectors/` and `exporter/compatibility/`; regenerate with `npm run update-golden`.',
    'Labels are as in the exporter followed. On `/metrics` every series of a cluster carries `cluster` besides, as every series of a host carries `host`.',
    '## By default',
    'These names, labels and values are those of the exporters people already use. Where a value differs, it differs on purpose.',
    ...sameByDefault('danielqsj/kafka_exporter'),
    ...sameByDefault('prometheus/node_exporter'),
    ...options.flatMap(([option, compatibility]) => described(option, compatibility)),
  ]
    .join('\n\n')
    .concat('\n');
}

function sameByDefault(peer: Collector['follows']): string[] {
  const followers: readonly Collector[] = Object.values(collectors).filter(({ follows }) => follows === peer);
  const metrics = followers.flatMap((collector) => Object.entries(collector.metrics));
  const differing = metrics.flatMap(([name, { differs }]) => (differs === undefined ? [] : [[code(name), differs]]));
  return [
    `### ${linked(peer)}`,
    `${metrics.length} metrics, ${differing.length} of which differ in something.`,
    ...(differing.length === 0 ? [] : [table(['metric', 'difference'], differing)]),
    ...missingFrom(notOffered[peer] ?? {}),
  ];
}

function described(option: string, { follows, differs: asWhole, metrics, missing }: Compatibility): string[] {
  const rows = Object.entries(metrics).map(([name, { ours, differs }]: [string, CompatibilityMetric]) => [
    code(name),
    ours === undefined ? '' : code(ours),
    differs ?? '',
  ]);
  return [
    `## \`compatibility: [${option}]\``,
    `Under \`exporter\` in the config, it shows the metrics of ${linked(follows)} besides our own: no more requests to the brokers, as many series again. For the time in which dashboards and alerts change.`,
    ...(asWhole === undefined ? [] : [asWhole]),
    table(['its metric', 'ours', 'difference'], rows),
    '### Not offered',
    missingTable(missing),
  ];
}

function missingFrom(missing: Readonly<Record<string, string>>): string[] {
  return Object.keys(missing).length === 0 ? [] : ['Not offered:', missingTable(missing)];
}

function missingTable(missing: Readonly<Record<string, string>>): string {
  return table(
    ['its metric', 'why'],
    Object.entries(missing).map(([name, why]) => [code(name), why]),
  );
}

const linked = (peer: string) => `[${peer}](https://github.com/${peer})`;
const code = (text: string) => `\`${text}\``;

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
