// Renders planned clusters as text: one table, then each plan; on request with its reserves, rejections and assumptions.

import { reserveTableText } from '../../analyzer/planning/sizing/reserve-table.ts';
import { type ByKind, traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import {
  bitRateText,
  capacityText,
  percentText,
  pluralText,
  quantityText,
  rateNumberText,
  rateText,
} from '../../core/text/quantity-text.ts';
import type {
  ClusterPlan,
  ClusterPlans,
  JudgedProposal,
  RefusedDomain,
  Rejection,
} from '../../core/documents/cluster-plan.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { type CellsOf, plain, tableOf } from '../../core/text/table.ts';

/** More are only in --json. */
const mostRefused = 6;
const mostDetailed = 40;
const range = ({ low, mid, high }: { low: number; mid: number; high: number }) =>
  `${quantityText(mid)} (${quantityText(low)} to ${quantityText(high)})`;

interface Form {
  colours: boolean;
  /** File of the domains. */
  path: string;
  /** Includes reserves, parts of the cost, rejected alternatives, assumptions and notes. */
  isVerbose: boolean;
}

export function plansText(plans: ClusterPlans, { path, colours, isVerbose }: Form): string {
  const { clusters, refused, judged, totals, findings, worlds, costUnit } = plans;
  const cost = totals.cost === undefined ? '' : `, ${quantityText(totals.cost)} ${costUnit} a month`;
  const others = [
    ...(totals.nameServers > 0 ? [`${totals.nameServers} name servers`] : []),
    ...(totals.controllers > 0 ? [`${totals.controllers} controllers`] : []),
  ];
  return [
    `${pluralText(totals.clusters, 'cluster')}, ${pluralText(totals.brokers, 'broker')}${others.map((each) => `, ${each}`).join('')}${cost}; ${worlds.count} simulations, seed ${worlds.seed}\n\n`,
    ...(clusters.length > 0 ? [tableOf(clusters, summaryCells, { colours })] : []),
    ...refused.map(refusedText),
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...alike(clusters)
      .slice(0, mostDetailed)
      .map(([cluster, names]) => detail(cluster, names, { costUnit, isVerbose })),
    ...(judged ?? []).map((each) => judgedText(each, costUnit)),
    ...(isVerbose ? [] : omittedLine(clusters)),
    ...nextLines(plans, path),
  ].join('');
}

/** Commands that move load to brokers which were added to a running cluster. */
const scaleOut: ByKind<string> = {
  kafka: 'plimsoll ops kafka reassign --cluster NAME --add ID',
  rocketmq: 'plimsoll ops rocketmq scale-out --cluster NAME --broker NAME',
};

function nextLines({ clusters, judged = [] }: ClusterPlans, path: string): string[] {
  const grown = judged.filter(({ masters, mastersNeeded = 0 }) => mastersNeeded > masters);
  const kinds = new Set([...clusters, ...grown].map(({ broker }) => broker));
  return [
    ...(clusters.length > 0
      ? [`\nnext: plimsoll size ${quotedWord(path)} --render DIR writes the files of each host\n`]
      : []),
    ...[...kinds].map((kind) => `next, once a running cluster has new brokers: ${scaleOut[kind]}\n`),
  ];
}

const isSpread = (broker: BrokerKind) => traitsOf(broker).copies === 'any-broker';

const summaryCells: CellsOf<ClusterPlan> = {
  CLUSTER: ({ name }) => name,
  BROKER: ({ broker, mode }) => (isSpread(broker) ? broker : `${broker} ${mode}`),
  SHAPE: ({ shape }) => shape.name,
  '>BROKERS': ({ broker, masters, replicas }) => (isSpread(broker) ? String(masters) : `${masters} x ${replicas}`),
  '>PEAK/S': ({ promise }) => rateNumberText(promise.peakTps.mid),
  '>SAFE/S': ({ promise }) => rateNumberText(promise.safeTps.mid),
  '>AFTER LOSS/S': ({ promise }) => rateNumberText(promise.afterLossTps.mid),
  'LIMITED BY': ({ promise }) => promise.limitedBy,
  '>ENOUGH IN': ({ promise }) => percentText(promise.probabilityEnough),
};

/** Lists the identical clusters of a split domain once. */
function alike(clusters: readonly ClusterPlan[]): [ClusterPlan, string[]][] {
  const groups = Map.groupBy(clusters, ({ domains }) => domains.map(({ name }) => name).join(' '));
  return [...groups.values()].map((members) => [members[0] as ClusterPlan, members.map(({ name }) => name)]);
}

interface Detail {
  costUnit: string;
  isVerbose: boolean;
}

function detail(cluster: ClusterPlan, names: readonly string[], { costUnit, isVerbose }: Detail): string {
  const { broker, masters, replicas, mode, shape, promise } = cluster;
  const kind = isSpread(broker)
    ? `${masters} brokers, ${replicas} copies, ${cluster.controllers?.length ?? 0} controllers`
    : `${masters} ${replicas > 1 ? `groups of ${replicas} (${mode})` : 'masters'}, ${pluralText(cluster.nameServers?.length ?? 0, 'name server')}`;
  const { cores, memoryBytes, diskBytes, networkBitsPerSecond } = shape;
  const zones = cluster.zones.length > 1 ? ` in ${cluster.zones.length} zones` : '';
  const queues = cluster.domains.map(({ name, partitions }) => `${name} ${partitions}`).join(', ');
  return [
    `\n${names.join(', ')}${names.length > 1 ? ` (each 1/${names.length} of the demand)` : ''}: ${broker}, ${kind}${zones}\n`,
    `  on ${shape.name}: ${cores} cores, ${capacityText(memoryBytes, 'bytes')} memory, ${capacityText(diskBytes, 'bytes')} disk, ${bitRateText(networkBitsPerSecond)}; ${traitsOf(broker).terms.partitions}: ${queues}\n`,
    `  planned peak ${range(promise.peakTps)}; safe ${range(promise.safeTps)}; after the worst loss ${range(promise.afterLossTps)} msg/s\n`,
    `  survives: ${promise.survives.join('; ') || 'no loss'}; sufficient in ${percentText(promise.probabilityEnough)} of simulations\n`,
    ...(isVerbose ? workings(cluster, costUnit) : costLine(cluster, costUnit)),
    ...dependsLine(cluster),
    ...(isVerbose ? reasons(cluster) : []),
    ...cluster.findings
      .filter(({ severity }) => isVerbose || severity !== 'info')
      .map(({ severity, message }) => `  ${severity}: ${plain(message)}\n`),
  ].join('');
}

const workings = (cluster: ClusterPlan, costUnit: string): string[] => [
  `  reserves: ${reserveTableText(cluster.margin)}\n`,
  ...costLines(cluster, costUnit),
  ...nextTenthLine(cluster, costUnit),
];

const reasons = ({ rejections, assumptions }: ClusterPlan): string[] => [
  ...rejected(rejections),
  ...assumptions.map(({ what }) => `  assumed: ${plain(what)}\n`),
];

const costLine = ({ cost }: ClusterPlan, costUnit: string): string[] =>
  cost === undefined ? [] : [`  cost: ${quantityText(cost)} ${costUnit} a month\n`];

function dependsLine({ sensitivity }: ClusterPlan): string[] {
  const moving = sensitivity
    .filter(({ brokersAtLow, brokersAtHigh }) => brokersAtLow !== brokersAtHigh)
    .slice(0, 3)
    .map(({ input, brokersAtLow, brokersAtHigh }) => `${input} (${brokersAtLow} to ${brokersAtHigh} brokers)`);
  return moving.length === 0
    ? []
    : [`  depends most on: ${moving.join(', ')}, each alone with the others at their median\n`];
}

function omittedLine(clusters: readonly ClusterPlan[]): string[] {
  if (clusters.length === 0) return [];
  const shown = alike(clusters).map(([cluster]) => cluster);
  const count = (of: (cluster: ClusterPlan) => number) => shown.reduce((sum, cluster) => sum + of(cluster), 0);
  const parts = [
    pluralText(
      count(({ assumptions }) => assumptions.length),
      'assumption',
    ),
    pluralText(
      count(({ rejections }) => rejections.length),
      'rejected alternative',
    ),
    pluralText(
      count(({ findings }) => findings.filter(({ severity }) => severity === 'info').length),
      'note',
    ),
  ];
  return [`\n${parts.join(', ')}, reserves and parts of the cost: --verbose prints them\n`];
}

function costLines({ cost, margin, domains }: ClusterPlan, costUnit: string): string[] {
  const { baseCost, entries } = margin;
  if (cost === undefined || baseCost === undefined) return [];
  const parts = [
    `base ${quantityText(baseCost)}`,
    ...entries.flatMap(({ reserve, cost: own }) => (own === undefined ? [] : [`${reserve} ${quantityText(own)}`])),
  ];
  const shares = domains.flatMap(({ name, cost: own }) => (own === undefined ? [] : [`${name} ${quantityText(own)}`]));
  return [
    `  cost: ${quantityText(cost)} ${costUnit} a month, of which ${parts.join(', ')}\n`,
    ...(shares.length > 1 ? [`  cost by domain: ${shares.join(', ')}\n`] : []),
  ];
}

function nextTenthLine({ nextTenth }: ClusterPlan, costUnit: string): string[] {
  if (nextTenth === undefined) return [];
  const { brokers, afterLossTps, cost } = nextTenth;
  const price = cost === undefined ? '' : ` for ${quantityText(cost)} ${costUnit} a month`;
  const more = brokers === 1 ? '1 more broker' : `${brokers} more brokers`;
  return [`  the next 10%: ${more}${price}, then ${rateText(afterLossTps)} after the worst loss\n`];
}

function rejected(rejections: readonly Rejection[]): string[] {
  const listed = rejections
    .slice(0, mostRefused)
    .map(
      ({ shape, broker, mode, message }) =>
        `  not ${shape === 'any' ? '' : `${shape}, `}${broker} ${mode}: ${plain(message)}\n`,
    );
  const more = rejections.length - listed.length;
  return more > 0 ? [...listed, `  and ${more} more that were rejected; --json has all\n`] : listed;
}

function refusedText({ domain, reason, hint, rejections }: RefusedDomain): string {
  return [`\n${domain}: refused. ${plain(reason)}\n`, `  ${hint}\n`, ...rejected(rejections)].join('');
}

function removableLine({ brokers, cost }: NonNullable<JudgedProposal['removable']>, costUnit: string): string {
  const saved = cost === undefined ? '' : `, which saves ${quantityText(cost)} ${costUnit} a month`;
  return `  ${brokers === 1 ? '1 broker' : `${brokers} brokers`} can be removed${saved}: the demand is still met after each covered loss\n`;
}

function judgedText(judged: JudgedProposal, costUnit: string): string {
  const { domain, masters, replicas, nameServers, mode, broker, shape, verdict, promise, mastersNeeded, removable } =
    judged;
  const slaves = isSpread(broker) ? '' : ` with ${masters * (replicas - 1)} slaves`;
  const text = { enough: 'enough', 'not-enough': 'not enough', 'not-measured': 'unknown' }[verdict];
  return [
    `\nProposed for ${domain}: ${broker} ${mode}, ${masters} masters${slaves}${nameServers === undefined ? '' : `, ${nameServers} name servers`} on ${shape}: ${text}\n`,
    ...(promise === undefined
      ? []
      : [
          `  peak ${range(promise.peakTps)}; saturation ${rateNumberText(promise.saturationTps)}; safe ${range(promise.safeTps)}; after the worst loss ${range(promise.afterLossTps)} msg/s\n`,
          `  sufficient in ${percentText(promise.probabilityEnough)} of simulations${mastersNeeded === undefined ? '' : `; recommended: ${mastersNeeded} brokers that take messages`}\n`,
        ]),
    ...(removable === undefined ? [] : [removableLine(removable, costUnit)]),
    ...judged.findings.map(({ severity, message }) => `  ${severity}: ${plain(message)}\n`),
  ].join('');
}
