// Generates docs/reference/compatibility.md from the collectors' declarations.

import type { Collector, Peer } from '../exporter/collector.ts';
import type { Compatibility, CompatibilityMetric } from '../exporter/compatibility/compatibility.ts';
import { compatibilities } from '../exporter/compatibility/registry.ts';
import { collectors } from '../exporter/registry.ts';

const collectorRuns = '`plimsoll_scrape_collector_duration_seconds` and `plimsoll_scrape_collector_success` show it';
const ownBuild = '`plimsoll_build_info` names the version of this exporter';

/** Metrics of other exporters without a counterpart by default, with the reason. */
const notOffered: Partial<Readonly<Record<Peer, Readonly<Record<string, string>>>>> = {
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

export function describeCompatibility(): string {
  const options: readonly (readonly [string, Compatibility])[] = Object.entries(compatibilities);
  return [
    '# Compatibility',
    'Generated from `exporter/collectors/` and `exporter/compatibility/` by `npm run update-golden`; do not edit.',
    'Names and labels are those of the other exporter. On `/metrics` each series of a cluster also has the label `cluster`, and each of a host `host`.',
    '## By default',
    'These metrics have the names, labels and values of widely used exporters. Differences are intended.',
    ...sameByDefault('danielqsj/kafka_exporter'),
    ...sameByDefault('prometheus/node_exporter'),
    '## By option',
    'Use these options while you change dashboards and alerts: they send no more requests to the brokers, and double the number of series. In brackets: the metric of Plimsoll.',
    ...options.flatMap(([option, compatibility]) => described(option, compatibility)),
  ]
    .join('\n\n')
    .concat('\n');
}

function sameByDefault(peer: Peer): string[] {
  const followers: readonly Collector[] = Object.values(collectors).filter(({ follows }) => follows === peer);
  const metrics = followers.flatMap((collector) => Object.entries(collector.metrics));
  const differing = metrics.flatMap(([name, { differs }]) => (differs === undefined ? [] : [[code(name), differs]]));
  return [
    `### ${linked(peer)}`,
    `${metrics.length} metrics; ${differing.length} have other values:`,
    ...(differing.length === 0 ? [] : [differing.map(([name, differs]) => `- ${name}: ${differs}`).join('\n')]),
    ...missingFrom(notOffered[peer] ?? {}),
  ];
}

function described(option: string, { follows, differs: asWhole, metrics, missing }: Compatibility): string[] {
  const rows = Object.entries(metrics).map(([name, { ours, differs = '' }]: [string, CompatibilityMetric]) => ({
    name: ours === undefined ? code(name) : `${code(name)} (${code(ours)})`,
    differs,
  }));
  const names = (each: typeof rows) => each.map(({ name }) => name).join(', ');
  const byDifference = [...Map.groupBy(rows, ({ differs }) => differs)];
  return [
    `### \`compatibility: [${option}]\``,
    `Under \`exporter\` in the config, it adds the metrics of ${linked(follows)}.`,
    ...(asWhole === undefined ? [] : [asWhole]),
    ...byDifference.filter(([differs]) => differs === '').map(([, each]) => `Same values: ${names(each)}.`),
    'Other values:',
    byDifference
      .filter(([differs]) => differs !== '')
      .map(([differs, each]) => `- ${names(each)}: ${differs}`)
      .join('\n'),
    ...missingFrom(missing),
  ];
}

/** Metrics with one reason share a line. */
function missingFrom(missing: Readonly<Record<string, string>>): string[] {
  const byReason = [...Map.groupBy(Object.entries(missing), ([, why]) => why)];
  if (byReason.length === 0) return [];
  return [
    'Not offered:',
    byReason.map(([why, each]) => `- ${each.map(([name]) => code(name)).join(', ')}: ${why}`).join('\n'),
  ];
}

const linked = (peer: string) => `[${peer}](https://github.com/${peer})`;
const code = (text: string) => `\`${text}\``;
