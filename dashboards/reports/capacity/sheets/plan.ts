// Writes the sheets for ordering machines: clusters, reserves, risks and sources.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import { assumptionText } from '../../../../core/documents/reasons/plan-assumptions.ts';
import { rejectionText } from '../../../../core/documents/reasons/rejection-reasons.ts';
import { reserveNames, reserveWhy, survivedText } from '../../../../core/documents/reasons/reserve-reasons.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { limitName } from '../../../web/sizing/sized-cluster.ts';
import { brokersOfDomains, totalOf } from '../parts/plan.ts';
import { longReadingText } from '../parts/risks.ts';
import type { Texts } from '../texts.ts';
import { count, figure, ratio, rate, sheetOf, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeSizingSheet: WriteSheet = ({ clusters, costUnit }, { texts, sheetTexts, strings, name }) => {
  const { columns, rows } = sheetOf(clusters, [
    [text(texts.cluster), (cluster) => cluster.name],
    [text(texts.domain), ({ domains }) => domains.join(punctuation[name].list)],
    [text(sheetTexts.broker, 11), ({ broker }) => broker],
    [text(sheetTexts.mode, 14), ({ mode }) => mode],
    [text(texts.shape), ({ shape }) => shape],
    [count(texts.machines), ({ brokers }) => brokers],
    [count(sheetTexts.masters), ({ masters }) => masters],
    [count(sheetTexts.replicas), ({ replicas }) => replicas],
    [rate(sheetTexts.peakMid), ({ peakTps }) => peakTps.mid],
    [rate(sheetTexts.peakHigh), ({ peakTps }) => peakTps.high],
    [rate(sheetTexts.safeLow), ({ safeTps }) => safeTps.low],
    [rate(sheetTexts.safeMid), ({ safeTps }) => safeTps.mid],
    [rate(sheetTexts.safeHigh), ({ safeTps }) => safeTps.high],
    [text(texts.survives, 30), (cluster) => survivedText(cluster, name)],
    [rate(sheetTexts.lossLow), ({ afterLossTps }) => afterLossTps.low],
    [rate(sheetTexts.lossMid), ({ afterLossTps }) => afterLossTps.mid],
    [rate(sheetTexts.lossHigh), ({ afterLossTps }) => afterLossTps.high],
    [text(texts.limitedBy), ({ limitedBy }) => limitName(limitedBy, { strings, language: name })],
    [ratio(texts.enough), ({ probabilityEnough }) => probabilityEnough],
    [figure(texts.cost(costUnit)), ({ cost }) => cost],
    [text(texts.source, 10), () => 'plan'],
  ]);
  return { columns, rows: [...rows, ...totalRow(clusters, texts)] };
};

function totalRow(clusters: CapacityReport['clusters'], texts: Texts): Cell[][] {
  const total = totalOf(clusters);
  if (total === undefined) return [];
  // The columns between them have no sum.
  return [[texts.total, ...Array<undefined>(4), total.brokers, ...Array<undefined>(13), total.cost, 'plan']];
}

export const writeReserveSheet: WriteSheet = ({ clusters }, { texts, name: language }) => ({
  columns: [text(texts.cluster), text(texts.reserve), figure(texts.factor), text(texts.why, 60)],
  rows: clusters.flatMap(({ name, margin, marginProduct }): Cell[][] => [
    ...margin.map((each) => [name, reserveNames[language][each.reserve], each.factor, reserveWhy(each, language)]),
    [name, texts.product, marginProduct, undefined],
  ]),
});

export const writeRiskSheet: WriteSheet = (report, { texts, sheetTexts, numbers, name: language }) => {
  const { risks } = sheetTexts;
  const findings = (of: string | undefined, found: typeof report.findings): Cell[][] =>
    found.map((finding) => [of, risks.finding, texts.severity[finding.severity], findingMessage(finding, language)]);
  return {
    columns: [
      text(texts.cluster),
      text(sheetTexts.kind, 14),
      text(sheetTexts.severity, 10),
      text(texts.what, 80),
      count(sheetTexts.brokersAtLow),
      count(sheetTexts.brokersAtHigh),
      count(sheetTexts.brokersPlanned),
    ],
    rows: [
      ...findings(undefined, report.findings),
      ...report.forecasts.flatMap((forecast): Cell[][] =>
        longReadingText(forecast, { texts, numbers }).map((what) => [undefined, risks.assumption, undefined, what]),
      ),
      ...report.evidence.flatMap(({ domain, findings: found }) => findings(domain, found)),
      ...report.clusters.flatMap((cluster): Cell[][] => [
        ...findings(cluster.name, cluster.findings),
        ...cluster.sensitivity.map(({ input, brokersAtLow, brokersAtHigh }) => [
          cluster.name,
          risks.sensitivity,
          undefined,
          texts.inputOf(input),
          brokersAtLow,
          brokersAtHigh,
          brokersOfDomains(cluster, report.clusters),
        ]),
        ...cluster.assumptionCauses.map((cause) => [
          cluster.name,
          risks.assumption,
          undefined,
          assumptionText(cause, language),
        ]),
        ...cluster.alternatives.map((each) => [
          cluster.name,
          risks.alternative,
          undefined,
          rejectionText(each.cause, language),
        ]),
      ]),
    ],
  };
};

export const writeSourceSheet: WriteSheet = ({ sources, evidence }, { texts, sheetTexts }) => ({
  columns: [
    text(texts.source, 24),
    text(sheetTexts.kind, 12),
    text(texts.domain),
    text(texts.file, 36),
    text('SHA-256', 66),
  ],
  rows: [
    ...sources.map(({ id, kind, domain, name, sha256 }): Cell[] => [id, sheetTexts.kinds[kind], domain, name, sha256]),
    ...evidence.flatMap(({ domain, source, sources: files }) =>
      files.map(({ name, format, sha256 }): Cell[] => [source, format, domain, name, sha256]),
    ),
  ],
});
