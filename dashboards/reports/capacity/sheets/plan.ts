// Writes the sheets for ordering machines: clusters, reserves, risks and sources.

import { count, figure, ratio, rate, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeSizingSheet: WriteSheet = ({ clusters, costUnit }, { words, sheetWords }) => ({
  columns: [
    text(words.cluster),
    text(words.domain),
    text(sheetWords.broker, 11),
    text(sheetWords.mode, 14),
    text(words.shape),
    count(words.machines),
    count(sheetWords.masters),
    count(sheetWords.replicas),
    rate(sheetWords.peakMid),
    rate(sheetWords.peakHigh),
    rate(sheetWords.safeLow),
    rate(sheetWords.safeMid),
    rate(sheetWords.safeHigh),
    text(words.survives, 30),
    rate(sheetWords.lossLow),
    rate(sheetWords.lossMid),
    rate(sheetWords.lossHigh),
    text(words.limitedBy),
    ratio(words.enough),
    figure(costUnit === undefined ? words.cost : `${words.cost}, ${costUnit}`),
    text(words.source, 10),
  ],
  rows: clusters.map((cluster): Cell[] => [
    cluster.name,
    cluster.domains.join(', '),
    cluster.broker,
    cluster.mode,
    cluster.shape,
    cluster.brokers,
    cluster.masters,
    cluster.replicas,
    cluster.peakTps.mid,
    cluster.peakTps.high,
    cluster.safeTps.low,
    cluster.safeTps.mid,
    cluster.safeTps.high,
    cluster.survives.join('; '),
    cluster.afterLossTps.low,
    cluster.afterLossTps.mid,
    cluster.afterLossTps.high,
    cluster.limitedBy,
    cluster.probabilityEnough,
    cluster.cost,
    'plan',
  ]),
});

export const writeReserveSheet: WriteSheet = ({ clusters }, { words }) => ({
  columns: [text(words.cluster), text(words.reserve), figure(words.factor), text(words.why, 60)],
  rows: clusters.flatMap(({ name, margin, marginProduct }): Cell[][] => [
    ...margin.map(({ reserve, factor, why }) => [name, reserve, factor, why]),
    [name, words.product, marginProduct, undefined],
  ]),
});

export const writeRiskSheet: WriteSheet = (report, { words, sheetWords }) => {
  const { risks } = sheetWords;
  const findings = (of: string | undefined, found: typeof report.findings): Cell[][] =>
    found.map(({ severity, message }) => [of, risks.finding, words.severity[severity], message]);
  return {
    columns: [
      text(words.cluster),
      text(sheetWords.risk, 14),
      text(sheetWords.severity, 10),
      text(words.what, 80),
      count(sheetWords.brokersAtLow),
      count(sheetWords.brokersAtHigh),
    ],
    rows: [
      ...findings(undefined, report.findings),
      ...report.evidence.flatMap(({ domain, findings: found }) => findings(domain, found)),
      ...report.clusters.flatMap((cluster): Cell[][] => [
        ...findings(cluster.name, cluster.findings),
        ...cluster.sensitivity.map(({ input, brokersAtLow, brokersAtHigh }) => [
          cluster.name,
          risks.sensitivity,
          undefined,
          input,
          brokersAtLow,
          brokersAtHigh,
        ]),
        ...cluster.assumptions.map((what) => [cluster.name, risks.assumption, undefined, what]),
        ...cluster.alternatives.map(({ message }) => [cluster.name, risks.alternative, undefined, message]),
      ]),
    ],
  };
};

export const writeSourceSheet: WriteSheet = ({ sources, evidence }, { words, sheetWords }) => ({
  columns: [
    text(words.source, 24),
    text(sheetWords.kind, 12),
    text(words.domain),
    text(words.file, 36),
    text('SHA-256', 66),
  ],
  rows: [
    ...sources.map(({ id, kind, domain, name, sha256 }): Cell[] => [id, sheetWords.kinds[kind], domain, name, sha256]),
    ...evidence.flatMap(({ domain, source, sources: files }) =>
      files.map(({ name, format, sha256 }): Cell[] => [source, format, domain, name, sha256]),
    ),
  ],
});
