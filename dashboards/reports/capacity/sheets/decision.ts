// Writes the sheets for managers: verdicts, demand, actions and conditions.

import type { DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText, reasonText } from '../../../../core/documents/reasons/go-reasons.ts';
import { describeLimit } from '../../../web/strings.ts';
import { decidedBy } from '../parts/decision.ts';
import { lookFrom } from '../parts/actions.ts';
import { count, day, ratio, rate, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeVerdictSheet: WriteSheet = ({ promotion, asOf, expires, verdicts, sources }, language) => {
  const { words, sheetWords, strings } = language;
  return {
    columns: [
      text(words.domain),
      text(words.decision, 20),
      text(words.reason, 60),
      rate(sheetWords.peakLow),
      rate(sheetWords.peakMid),
      rate(sheetWords.peakHigh),
      text(sheetWords.safeKind, 14),
      rate(sheetWords.safeLow),
      rate(sheetWords.safeMid),
      rate(sheetWords.safeHigh),
      rate(sheetWords.heldAgainst),
      ratio(words.headroom),
      text(words.limitedBy, 28),
      count(words.brokersNow),
      count(words.brokersNeeded),
      ratio(words.enough),
      text(words.cluster),
      text(words.owner),
      text(words.source, 32),
      text(sheetWords.promotion, 20),
      day(sheetWords.asOf),
      day(sheetWords.expires),
      text(words.signature),
      day(words.date),
    ],
    rows: verdicts.map((verdict): Cell[] => [
      verdict.domain,
      words.decisions[verdict.decision],
      verdict.reasons.map((reason) => reasonText(reason, language.name)).join(' '),
      verdict.peakTps?.low,
      verdict.peakTps?.mid,
      verdict.peakTps?.high,
      sheetWords.safeKinds[verdict.safeMaxTps?.kind ?? 'unknown'],
      ...safeEnds(verdict),
      verdict.safeTps,
      verdict.headroom,
      verdict.limitedBy && describeLimit(verdict.limitedBy, strings),
      verdict.brokersNow,
      verdict.brokersNeeded,
      verdict.probabilityEnough,
      verdict.clusters.join(', '),
      verdict.owners.join(', '),
      sources
        .filter(({ domain }) => domain === undefined || domain === verdict.domain)
        .map(({ id }) => id)
        .join(', '),
      promotion.name,
      asOf,
      expires,
      undefined,
      undefined,
    ]),
  };
};

/** Low end, estimate, high end. */
function safeEnds({ safeMaxTps, safeTps }: DomainVerdict): Cell[] {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return [undefined, undefined, undefined];
  if (safeMaxTps.kind === 'at-least') return [safeMaxTps.tps, undefined, undefined];
  if (safeMaxTps.kind === 'observed') return [safeTps, safeMaxTps.tps, undefined];
  return [safeMaxTps.interval.low, safeMaxTps.estimateTps, safeMaxTps.interval.high];
}

export const writeDemandSheet: WriteSheet = ({ clusters, forecasts }, { words, sheetWords }) => ({
  columns: [
    text(words.domain),
    text(words.cluster),
    rate(sheetWords.peakLow),
    rate(sheetWords.peakMid),
    rate(sheetWords.peakHigh),
    day(words.date),
    ratio(words.coverage),
    text(words.source, 24),
  ],
  rows: [
    ...clusters.map(({ name, domains, peakTps: { low, mid, high } }): Cell[] => [
      domains.join(', '),
      name,
      low,
      mid,
      high,
      undefined,
      undefined,
      'plan',
    ]),
    ...forecasts.map(({ domain, peak, backtest, source }): Cell[] => [
      domain,
      undefined,
      peak.low,
      peak.value,
      peak.high,
      peak.highestPointAt.slice(0, 10),
      backtest?.coverage,
      source,
    ]),
  ],
});

export const writeActionSheet: WriteSheet = ({ verdicts, promotion }, { words, sheetWords, name }) => ({
  columns: [
    text(words.domain),
    text(words.action, 70),
    text(words.owner),
    day(words.due),
    rate(words.informFrom),
    rate(words.pageAbove),
    day(sheetWords.done),
  ],
  rows: verdicts.flatMap(({ domain, reasons, owners, safeTps }) =>
    reasons.map((reason): Cell[] => [
      domain,
      actionText(reason, name),
      owners.join(', '),
      promotion.from,
      safeTps && lookFrom * safeTps,
      safeTps,
      undefined,
    ]),
  ),
});

export const writeConditionSheet: WriteSheet = ({ verdicts }, language) => ({
  columns: [
    text(language.words.domain),
    text(language.words.condition, 44),
    text(language.words.state, 14),
    rate(language.words.knownSafe),
    rate(language.words.needed),
    text(language.words.basis, 20),
    text(language.words.decidedBy, 40),
  ],
  rows: verdicts.flatMap(({ domain, conditions }) =>
    conditions.map(({ condition, state, basis, tps, neededTps, subject, missing }): Cell[] => [
      domain,
      language.words.conditions[condition],
      language.words.states[state],
      tps,
      neededTps,
      basis && language.words.bases[basis],
      decidedBy(subject, missing, language),
    ]),
  ),
});
