// Writes the planned clusters, their reserves, refused alternatives and N-1 results.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { fromSource, none, tableOf, type Block, type Cell, type Language, type WritePart } from '../part.ts';
import type { PlannedCluster } from '../../../../core/documents/capacity-report.ts';
import { rejectionText } from '../../../../core/documents/reasons/rejection-reasons.ts';
import { reserveNames, reserveWhy, survivedText } from '../../../../core/documents/reasons/reserve-reasons.ts';

const ofPlan = fromSource('plan');

export const writeFailures: WritePart = ({ evidence, clusters }, language) => {
  const { texts, numbers } = language;
  const measured = evidence.flatMap(({ domain, withoutOne, source }) =>
    withoutOne.map(({ lost, id, tps }) => [
      domain,
      `${texts.lostKinds[lost]} ${id}`,
      fromSource(source)(numbers.rate(tps)),
    ]),
  );
  const planned = clusters.map(({ name, losses, afterLossTps: { low, mid, high } }) => [
    name,
    survivedText({ losses }, language.name),
    ofPlan(texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high))),
  ]);
  const table = (first: string, what: string, rows: Cell[][]) =>
    tableOf({ columns: [{ title: first }, { title: what }, { title: texts.safeAfter, isNumber: true }], rows });
  const blocks = [...table(texts.domain, texts.lost, measured), ...table(texts.cluster, texts.lost, planned)];
  return blocks.length === 0 ? none(language) : blocks;
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
  return {
    kind: 'table',
    columns: [
      { title: texts.cluster },
      { title: texts.domain },
      { title: texts.shape },
      { title: texts.machines, isNumber: true },
      { title: texts.safeMax, isNumber: true },
      { title: texts.enough, isNumber: true },
      { title: texts.cost(costUnit), isNumber: true },
    ],
    rows: clusters.map(({ name, domains, broker, mode, shape, brokers, safeTps, probabilityEnough, cost }) => [
      `${name}${open}${broker} ${mode}${close}`,
      domains.join(list),
      shape,
      ofPlan(String(brokers)),
      ofPlan(texts.range(numbers.rate(safeTps.mid), numbers.rate(safeTps.low), numbers.rate(safeTps.high))),
      ofPlan(numbers.percent(probabilityEnough)),
      cost === undefined ? '' : ofPlan(numbers.plain(cost)),
    ]),
  };
}

function marginTable(
  { name, margin, marginProduct }: PlannedCluster,
  { name: language, texts, numbers }: Language,
): Block {
  return {
    kind: 'table',
    title: texts.marginOf(name),
    columns: [{ title: texts.reserve }, { title: texts.factor, isNumber: true }, { title: texts.why }],
    rows: [
      ...margin.map((each) => [
        reserveNames[language][each.reserve],
        ofPlan(numbers.plain(each.factor)),
        reserveWhy(each, language),
      ]),
      [texts.product, ofPlan(numbers.plain(marginProduct)), ''],
    ],
  };
}

function alternatives({ name, alternatives: refused }: PlannedCluster, { name: language, texts }: Language): Block[] {
  const { open, close } = punctuation[language];
  return tableOf({
    title: texts.alternativesOf(name),
    columns: [{ title: texts.shape }, { title: texts.why }],
    rows: refused.map(({ shape, broker, mode, cause }) => [
      `${shape}${open}${broker} ${mode}${close}`,
      rejectionText(cause, language),
    ]),
  });
}
