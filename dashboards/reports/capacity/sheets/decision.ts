// Writes the sheets for managers: verdicts, demand, actions and conditions.

import type { CapacityReport, DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText, reasonText } from '../../../../core/documents/reasons/go-reasons.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { describeLimit } from '../../../web/view.ts';
import { decidedBy, decisionText, lowestSafeTps, sharedText } from '../parts/decision.ts';
import type { Language } from '../part.ts';
import { alertRates } from '../parts/actions.ts';
import { count, day, moment, ratio, rate, sheetOf, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeVerdictSheet: WriteSheet = ({ promotion, asOf, expires, verdicts, sources }, language) => {
  const { texts, sheetTexts, strings, name } = language;
  const { list } = punctuation[name];
  return sheetOf(verdicts, [
    [text(texts.domain), ({ domain }) => domain],
    [text(texts.decision, 20), (verdict) => decisionText(verdict, language)],
    [text(texts.reason, 60), (verdict) => reasonsText(verdict, language)],
    [rate(sheetTexts.peakLow), ({ peakTps }) => peakTps?.low],
    [rate(sheetTexts.peakMid), ({ peakTps }) => peakTps?.mid],
    [rate(sheetTexts.peakHigh), ({ peakTps }) => peakTps?.high],
    [text(sheetTexts.safeKind, 14), ({ safeMaxTps }) => strings.kinds[safeMaxTps?.kind ?? 'unknown']],
    [rate(sheetTexts.safeLow), (verdict) => safeEnds(verdict).low],
    [rate(sheetTexts.safeMid), (verdict) => safeEnds(verdict).mid],
    [rate(sheetTexts.safeHigh), (verdict) => safeEnds(verdict).high],
    [rate(sheetTexts.lowestSafe), lowestSafeTps],
    [ratio(texts.headroom), ({ headroom }) => headroom],
    [text(texts.limitedBy, 28), ({ limitedBy }) => limitedBy && describeLimit(limitedBy, strings)],
    [count(texts.brokersNow), ({ brokersNow }) => brokersNow],
    [count(texts.brokersNeeded), ({ brokersNeeded }) => brokersNeeded],
    [ratio(texts.enough), ({ probabilityEnough }) => probabilityEnough],
    [text(texts.cluster), ({ clusters }) => clusters.join(list)],
    [text(texts.owner), ({ owners }) => owners.join(list)],
    [text(texts.source, 32), (verdict) => sourcesOf(verdict, sources).join(list)],
    [text(sheetTexts.promotion, 20), () => promotion.name],
    [day(sheetTexts.asOf), () => asOf],
    [day(sheetTexts.expires), () => expires],
    [text(texts.signature), toFillIn],
    [day(texts.date), toFillIn],
  ]);
};

const toFillIn = () => undefined;

const reasonsText = (verdict: DomainVerdict, language: Language): string =>
  [...verdict.reasons.map((reason) => reasonText(reason, language.name)), ...sharedText(verdict, language)].join(
    language.name === 'zh' ? '' : ' ',
  );

const sourcesOf = (verdict: DomainVerdict, sources: CapacityReport['sources']): string[] =>
  sources.filter(({ domain }) => domain === undefined || domain === verdict.domain).map(({ id }) => id);

function safeEnds({ safeMaxTps, safeTps }: DomainVerdict): { low?: Cell; mid?: Cell; high?: Cell } {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return {};
  if (safeMaxTps.kind === 'at-least') return { low: safeMaxTps.tps };
  // An observed rate is not an estimate of the safe maximum.
  if (safeMaxTps.kind === 'observed') return { low: safeTps };
  const { low, high } = safeMaxTps.interval;
  return { low, mid: safeMaxTps.estimateTps, high };
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

export const writeActionSheet: WriteSheet = ({ verdicts, promotion }, { texts, sheetTexts, name }) => {
  const rows = verdicts.flatMap((verdict) => verdict.reasons.map((reason) => ({ verdict, reason })));
  return sheetOf(rows, [
    [text(texts.domain), ({ verdict }) => verdict.domain],
    [text(texts.action, 70), ({ reason }) => actionText(reason, name)],
    [text(texts.owner), ({ verdict }) => verdict.owners.join(punctuation[name].list)],
    [day(texts.due), () => promotion.from],
    [rate(texts.informFrom), ({ verdict }) => alertRates(verdict)?.informFrom],
    [rate(texts.pageAbove), ({ verdict }) => alertRates(verdict)?.pageAbove],
    [day(sheetTexts.done), toFillIn],
  ]);
};

export const writeConditionSheet: WriteSheet = ({ verdicts }, language) => {
  const { texts } = language;
  const rows = verdicts.flatMap(({ domain, conditions }) => conditions.map((condition) => ({ domain, ...condition })));
  return sheetOf(rows, [
    [text(texts.domain), ({ domain }) => domain],
    [text(texts.condition, 44), ({ condition }) => texts.conditions[condition]],
    [text(texts.state, 14), ({ state }) => texts.states[state]],
    [rate(texts.knownSafe), ({ tps }) => tps],
    [rate(texts.needed), ({ neededTps }) => neededTps],
    [text(texts.basis, 20), ({ basis }) => basis && texts.bases[basis]],
    [text(texts.decidedBy, 40), (judged) => decidedBy(judged, language)],
  ]);
};
