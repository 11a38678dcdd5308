// Writes the actions of a report, the runbook for the day, and the part to fill in afterwards.

import type { DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText } from '../../../../core/documents/reasons/go-reasons.ts';
import { limitKindOf, type LimitKind } from '../../../../core/documents/safe-tps.ts';
import { ifKnown } from '../../../../core/text/quantity-text.ts';
import { punctuation } from '../../../../core/text/punctuation.ts';
import { none, textBlock, tableBlock, numeric, toFillIn, type WritePart } from '../part.ts';
import { peakText, safeText } from './decision.ts';

/** Share of the safe maximum that deserves attention. */
const lookFrom = 0.8;

/** As in alerts/rules/capacity.yaml. */
const paged: ReadonlySet<LimitKind> = new Set(['confirmed', 'predicted', 'limit-cause-unknown']);

/** @returns rates from which capacity alerts inform and page; a sustained rate that is no maximum pages nobody */
export function alertRates({
  safeTps,
  safeMaxTps,
}: DomainVerdict): { informFrom: number; pageAbove?: number } | undefined {
  if (safeTps === undefined) return undefined;
  const isMaximum = safeMaxTps !== undefined && paged.has(limitKindOf(safeMaxTps));
  return isMaximum ? { informFrom: lookFrom * safeTps, pageAbove: safeTps } : { informFrom: safeTps };
}

export const writeActions: WritePart = ({ verdicts, promotion }, language) => {
  const { texts, name } = language;
  if (verdicts.length === 0) return none(language);
  const due = promotion.from === undefined ? '' : texts.dueBefore(promotion.from);
  const rows = verdicts.flatMap(({ domain, reasons, owners }) => reasons.map((reason) => ({ domain, reason, owners })));
  return [
    tableBlock(rows, [
      [texts.domain, ({ domain }) => domain],
      [texts.action, ({ reason }) => actionText(reason, name)],
      [texts.owner, ({ owners }) => owners.join(punctuation[name].list)],
      [texts.due, () => due],
    ]),
  ];
};

export const writeRunbook: WritePart = ({ verdicts }, language) => {
  const { texts, numbers } = language;
  const known = verdicts.flatMap((verdict) => {
    const rates = alertRates(verdict);
    return rates === undefined ? [] : [{ domain: verdict.domain, ...rates }];
  });
  if (known.length === 0) return none(language);
  return [
    textBlock(texts.runbookLead),
    tableBlock(known, [
      [texts.domain, ({ domain }) => domain],
      [numeric(texts.informFrom), ({ informFrom }) => numbers.rate(informFrom)],
      [numeric(texts.pageAbove), ({ pageAbove }) => ifKnown(pageAbove, numbers.rate) ?? texts.noPage],
    ]),
  ];
};

export const writeAfterwards: WritePart = ({ verdicts, afterwards = [] }, language) => {
  const { texts, reviewTexts, numbers } = language;
  const rows = verdicts.map((verdict) => ({ verdict, ...afterwards.find(({ domain }) => domain === verdict.domain) }));
  return [
    textBlock(texts.afterwardsLead),
    tableBlock(rows, [
      [texts.domain, ({ verdict }) => verdict.domain],
      [texts.peak, ({ verdict }) => peakText(verdict, language)],
      [toFillIn(texts.actualPeak), ({ forecast }) => ifKnown(forecast?.actualTps, numbers.rate) ?? ''],
      [texts.safeMax, ({ verdict }) => safeText(verdict, language)],
      [toFillIn(texts.held), ({ safeMax }) => (safeMax === undefined ? '' : reviewTexts.outcomes[safeMax.outcome])],
      [
        toFillIn(texts.lesson),
        ({ forecast }) => (forecast === undefined ? '' : texts.heldPeak(numbers.signedPercent(forecast.error))),
      ],
    ]),
  ];
};
