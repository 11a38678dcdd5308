// Writes the planned clusters, their reserves, refused alternatives and N-1 results.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import {
  fromSource,
  none,
  tableOf,
  textBlock,
  tableBlock,
  numeric,
  type Block,
  type Cell,
  type ColumnOf,
  type Language,
  type WritePart,
} from '../part.ts';
import type { PlannedCluster } from '../../../../core/documents/capacity-report.ts';
import type { Estimate } from '../../../../core/documents/cluster-plan.ts';
import { rejectionText } from '../../../../core/documents/reasons/rejection-reasons.ts';
import { reserveNames, reserveWhy, survivedText } from '../../../../core/documents/reasons/reserve-reasons.ts';
import { clusterPeak } from './decision.ts';

const ofPlan = fromSource('plan');

export const writeFailures: WritePart = (report, language) => {
  const { evidence, clusters, verdicts } = report;
  const { texts, numbers } = language;
  const range = ({ low, mid, high }: Estimate) =>
    ofPlan(texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high)));
  const current = evidence.flatMap(({ domain, withoutOne, source }) => {
    const verdict = verdicts.find((each) => each.domain === domain);
    const peak = verdict === undefined ? texts.unknown : clusterPeak(verdict, report, language);
    return withoutOne.map(({ lost, id, tps }) => ({
      name: domain,
      lost: `${texts.lostKinds[lost]} ${id}`,
      safe: fromSource(source)(numbers.rate(tps)),
      peak,
    }));
  });
  const planned = clusters.map(({ name, losses, afterLossTps, peakTps }) => ({
    name,
    lost: survivedText({ losses }, language.name),
    safe: range(afterLossTps),
    peak: range(peakTps),
  }));
  if (current.length === 0 && planned.length === 0) return none(language);
  const table = (title: string, first: string, rows: readonly Record<'name' | 'lost' | 'safe' | 'peak', Cell>[]) =>
    tableOf(
      rows,
      [
        [first, ({ name }) => name],
        [texts.lost, ({ lost }) => lost],
        [numeric(texts.safeAfter), ({ safe }) => safe],
        [numeric(texts.peak), ({ peak }) => peak],
      ],
      { title },
    );
  const ofCurrent = table(texts.lossOfCurrent, texts.domain, current);
  const nothing = textBlock(`${texts.lossOfCurrent}${punctuation[language.name].colon}${texts.nothing}`);
  return [...(ofCurrent.length === 0 ? [nothing] : ofCurrent), ...table(texts.lossOfPlanned, texts.cluster, planned)];
};

export const writeSizing: WritePart = ({ clusters, costUnit }, language) => {
  if (clusters.length === 0) return none(language);
  return [
    clusterTable(clusters, costUnit, language),
    ...clusters.flatMap((cluster) => [marginTable(cluster, language), ...alternatives(cluster, language)]),
  ];
};

function clusterTable(
  clusters: readonly PlannedCluster[],
  costUnit: string | undefined,
  { name: language, texts, numbers }: Language,
): Block {
  const { open, close, list } = punctuation[language];
  const total = totalOf(clusters);
  const isPriced = clusters.some(({ cost }) => cost !== undefined);
  const each = clusters.map(({ name, domains, broker, mode, shape, brokers, safeTps, probabilityEnough, cost }) => ({
    name: `${name}${open}${traitsOf(broker).displayName} ${mode}${close}`,
    domains: domains.join(list),
    shape,
    brokers,
    safe: ofPlan(texts.range(numbers.rate(safeTps.mid), numbers.rate(safeTps.low), numbers.rate(safeTps.high))),
    enough: ofPlan(numbers.percent(probabilityEnough)),
    cost,
  }));
  const empty = { domains: '', shape: '', safe: '', enough: '' };
  const rows = [...each, ...(total === undefined ? [] : [{ name: texts.total, ...empty, ...total }])];
  const price: ColumnOf<(typeof rows)[number]> = [
    numeric(texts.cost(costUnit)),
    ({ cost }) => (cost === undefined ? '' : ofPlan(numbers.plain(cost))),
  ];
  return tableBlock(rows, [
    [texts.cluster, ({ name }) => name],
    [texts.domain, ({ domains }) => domains],
    [texts.shape, ({ shape }) => shape],
    [numeric(texts.machines), ({ brokers }) => ofPlan(String(brokers))],
    [numeric(texts.safeMax), ({ safe }) => safe],
    [numeric(texts.enough), ({ enough }) => enough],
    ...(isPriced ? [price] : []),
  ]);
}

/** @returns undefined for a single cluster, and if a cluster has no price */
export function totalOf(clusters: readonly PlannedCluster[]): { brokers: number; cost: number } | undefined {
  const costs = clusters.map(({ cost }) => cost).filter((cost) => cost !== undefined);
  if (clusters.length < 2 || costs.length < clusters.length) return undefined;
  return { brokers: brokersOf(clusters), cost: costs.reduce((sum, cost) => sum + cost, 0) };
}

const brokersOf = (clusters: readonly PlannedCluster[]) => clusters.reduce((sum, { brokers }) => sum + brokers, 0);

/** @returns the brokers of all clusters that these domains are divided over, as a sensitivity counts them */
export function brokersOfDomains({ domains }: PlannedCluster, clusters: readonly PlannedCluster[]): number {
  const names = domains.join('\n');
  return brokersOf(clusters.filter((other) => other.domains.join('\n') === names));
}

function marginTable(
  { name, margin, marginProduct }: PlannedCluster,
  { name: language, texts, numbers }: Language,
): Block {
  const reserves = margin.map((each) => ({
    name: reserveNames[language][each.reserve],
    factor: each.factor,
    why: reserveWhy(each, language),
  }));
  return tableBlock(
    [...reserves, { name: texts.product, factor: marginProduct, why: '' }],
    [
      [texts.reserve, (reserve) => reserve.name],
      [numeric(texts.factor), ({ factor }) => ofPlan(numbers.plain(factor))],
      [texts.why, ({ why }) => why],
    ],
    { title: texts.marginOf(name) },
  );
}

function alternatives({ name, alternatives: refused }: PlannedCluster, { name: language, texts }: Language): Block[] {
  const { open, close } = punctuation[language];
  return tableOf(
    refused,
    [
      [texts.shape, ({ shape, broker, mode }) => `${shape}${open}${traitsOf(broker).displayName} ${mode}${close}`],
      [texts.reason, ({ cause }) => rejectionText(cause, language)],
    ],
    { title: texts.alternativesOf(name) },
  );
}
