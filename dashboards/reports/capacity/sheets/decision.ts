// Writes the sheets for managers: verdicts, demand, actions and conditions.

import type { DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText, reasonText } from '../../../../core/documents/reasons/go-reasons.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { describeLimit } from '../../../web/strings.ts';
import { decidedBy, decisionText, lowestSafeTps, sharedText } from '../parts/decision.ts';
import { alertRates } from '../parts/actions.ts';
import { count, day, moment, ratio, rate, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeVerdictSheet: WriteSheet = ({ promotion, asOf, expires, verdicts, sources }, language) => {
  const { texts, sheetTexts, strings } = language;
  const { list } = punctuation[language.name];
  return {
    columns: [
      text(texts.domain),
      text(texts.decision, 20),
      text(texts.reason, 60),
      rate(sheetTexts.peakLow),
      rate(sheetTexts.peakMid),
      rate(sheetTexts.peakHigh),
      text(sheetTexts.safeKind, 14),
      rate(sheetTexts.safeLow),
      rate(sheetTexts.safeMid),
      rate(sheetTexts.safeHigh),
      rate(sheetTexts.lowestSafe),
      ratio(texts.headroom),
      text(texts.limitedBy, 28),
      count(texts.brokersNow),
      count(texts.brokersNeeded),
      ratio(texts.enough),
      text(texts.cluster),
      text(texts.owner),
      text(texts.source, 32),
      text(sheetTexts.promotion, 20),
      day(sheetTexts.asOf),
      day(sheetTexts.expires),
      text(texts.signature),
      day(texts.date),
    ],
    rows: verdicts.map((verdict): Cell[] => [
      verdict.domain,
      decisionText(verdict, language),
      [...verdict.reasons.map((reason) => reasonText(reason, language.name)), ...sharedText(verdict, language)].join(
        language.name === 'zh' ? '' : ' ',
      ),
      verdict.peakTps?.low,
      verdict.peakTps?.mid,
      verdict.peakTps?.high,
      sheetTexts.safeKinds[verdict.safeMaxTps?.kind ?? 'unknown'],
      ...safeEnds(verdict),
      lowestSafeTps(verdict),
      verdict.headroom,
      verdict.limitedBy && describeLimit(verdict.limitedBy, strings),
      verdict.brokersNow,
      verdict.brokersNeeded,
      verdict.probabilityEnough,
      verdict.clusters.join(list),
      verdict.owners.join(list),
      sources
        .filter(({ domain }) => domain === undefined || domain === verdict.domain)
        .map(({ id }) => id)
        .join(list),
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
  // The rate that was read is no estimate of the safe maximum.
  if (safeMaxTps.kind === 'observed') return [safeTps, undefined, undefined];
  return [safeMaxTps.interval.low, safeMaxTps.estimateTps, safeMaxTps.interval.high];
}

export const writeDemandSheet: WriteSheet = ({ clusters, forecasts }, { texts, sheetTexts, name: language }) => ({
  columns: [
    text(texts.domain),
    text(texts.cluster),
    rate(sheetTexts.peakLow),
    rate(sheetTexts.peakMid),
    rate(sheetTexts.peakHigh),
    moment(sheetTexts.highestAt),
    ratio(texts.coverage),
    text(texts.source, 24),
  ],
  rows: [
    ...clusters.map(({ name, domains, peakTps: { low, mid, high } }): Cell[] => [
      domains.join(punctuation[language].list),
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
      peak?.low,
      peak?.value,
      peak?.high,
      peak?.highestPointAt,
      backtest?.coverage,
      source,
    ]),
  ],
});

export const writeActionSheet: WriteSheet = ({ verdicts, promotion }, { texts, sheetTexts, name }) => ({
  columns: [
    text(texts.domain),
    text(texts.action, 70),
    text(texts.owner),
    day(texts.due),
    rate(texts.informFrom),
    rate(texts.pageAbove),
    day(sheetTexts.done),
  ],
  rows: verdicts.flatMap((verdict) =>
    verdict.reasons.map((reason): Cell[] => [
      verdict.domain,
      actionText(reason, name),
      verdict.owners.join(punctuation[name].list),
      promotion.from,
      alertRates(verdict)?.informFrom,
      alertRates(verdict)?.pageAbove,
      undefined,
    ]),
  ),
});

export const writeConditionSheet: WriteSheet = ({ verdicts }, language) => ({
  columns: [
    text(language.texts.domain),
    text(language.texts.condition, 44),
    text(language.texts.state, 14),
    rate(language.texts.knownSafe),
    rate(language.texts.needed),
    text(language.texts.basis, 20),
    text(language.texts.decidedBy, 40),
  ],
  rows: verdicts.flatMap(({ domain, conditions }) =>
    conditions.map((judged): Cell[] => [
      domain,
      language.texts.conditions[judged.condition],
      language.texts.states[judged.state],
      judged.tps,
      judged.neededTps,
      judged.basis && language.texts.bases[judged.basis],
      decidedBy(judged, language),
    ]),
  ),
});
