// Writes the planned clusters, their reserves, refused alternatives and N-1 results.

import { fromSource, none, type Block, type Cell, type Language, type WritePart } from '../part.ts';
import type { PlannedCluster } from '../../../../core/documents/capacity-report.ts';

const ofPlan = fromSource('plan');

export const writeFailures: WritePart = ({ evidence, clusters }, language) => {
  const { words, numbers } = language;
  const measured = evidence.flatMap(({ domain, withoutOne, source }) =>
    withoutOne.map(({ lost, id, tps }) => [
      domain,
      `${words.lostKinds[lost]} ${id}`,
      fromSource(source)(numbers.rate(tps)),
    ]),
  );
  const planned = clusters.map(({ name, survives, afterLossTps: { low, mid, high } }) => [
    name,
    survives.join('; '),
    ofPlan(words.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high))),
  ]);
  const table = (first: string, what: string, rows: Cell[][]): Block[] =>
    rows.length === 0
      ? []
      : [
          {
            kind: 'table',
            columns: [{ title: first }, { title: what }, { title: words.safeAfter, isNumber: true }],
            rows,
          },
        ];
  const blocks = [...table(words.domain, words.lost, measured), ...table(words.cluster, words.survives, planned)];
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
  { words, numbers }: Language,
): Block {
  return {
    kind: 'table',
    columns: [
      { title: words.cluster },
      { title: words.domain },
      { title: words.shape },
      { title: words.machines, isNumber: true },
      { title: words.safeMax, isNumber: true },
      { title: words.enough, isNumber: true },
      { title: costUnit === undefined ? words.cost : `${words.cost}, ${costUnit}`, isNumber: true },
    ],
    rows: clusters.map(({ name, domains, broker, mode, shape, brokers, safeTps, probabilityEnough, cost }) => [
      `${name} (${broker} ${mode})`,
      domains.join(', '),
      shape,
      ofPlan(String(brokers)),
      ofPlan(words.range(numbers.rate(safeTps.mid), numbers.rate(safeTps.low), numbers.rate(safeTps.high))),
      ofPlan(numbers.percent(probabilityEnough)),
      cost === undefined ? '' : ofPlan(numbers.plain(cost)),
    ]),
  };
}

function marginTable({ name, margin, marginProduct }: PlannedCluster, { words, numbers }: Language): Block {
  return {
    kind: 'table',
    title: words.marginOf(name),
    columns: [{ title: words.reserve }, { title: words.factor, isNumber: true }, { title: words.why }],
    rows: [
      ...margin.map(({ reserve, factor, why }) => [reserve, ofPlan(numbers.plain(factor)), why]),
      [words.product, ofPlan(numbers.plain(marginProduct)), ''],
    ],
  };
}

function alternatives({ name, alternatives: refused }: PlannedCluster, { words }: Language): Block[] {
  if (refused.length === 0) return [];
  return [
    {
      kind: 'table',
      title: words.alternativesOf(name),
      columns: [{ title: words.shape }, { title: words.why }],
      rows: refused.map(({ shape, broker, mode, message }) => [`${shape} (${broker} ${mode})`, message]),
    },
  ];
}
