// Writes the actions of a report, the runbook for the day, and the part to fill in afterwards.

import type { CapacityReport, DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { actionText } from '../../../../core/documents/reasons/go-reasons.ts';
import { limitKindOf, type LimitKind } from '../../../../core/documents/safe-tps.ts';
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
  const { texts } = language;
  if (verdicts.length === 0) return none(language);
  const due = promotion.from === undefined ? '' : texts.dueBefore(promotion.from);
  return [
    tableBlock({
      columns: [texts.domain, texts.action, texts.owner, texts.due],
      rows: verdicts.flatMap(({ domain, reasons, owners }) =>
        reasons.map((reason) => [
          domain,
          actionText(reason, language.name),
          owners.join(punctuation[language.name].list),
          due,
        ]),
      ),
    }),
  ];
};

export const writeRunbook: WritePart = ({ verdicts }, language) => {
  const { texts, numbers } = language;
  const known = verdicts.flatMap((verdict) => {
    const rates = alertRates(verdict);
    if (rates === undefined) return [];
    const { informFrom, pageAbove } = rates;
    const page = pageAbove === undefined ? texts.noPage : numbers.rate(pageAbove);
    return [[verdict.domain, numbers.rate(informFrom), page]];
  });
  if (known.length === 0) return none(language);
  return [
    textBlock(texts.runbookLead),
    tableBlock({
      columns: [texts.domain, numeric(texts.informFrom), numeric(texts.pageAbove)],
      rows: known,
    }),
  ];
};

export const writeAfterwards: WritePart = ({ verdicts, afterwards = [] }, language) => {
  const { texts, reviewTexts, numbers } = language;
  return [
    textBlock(texts.afterwardsLead),
    tableBlock({
      columns: [
        texts.domain,
        texts.peak,
        toFillIn(texts.actualPeak),
        texts.safeMax,
        toFillIn(texts.held),
        toFillIn(texts.lesson),
      ],
      rows: verdicts.map((verdict: CapacityReport['verdicts'][number]) => {
        const { forecast, safeMax } = afterwards.find(({ domain }) => domain === verdict.domain) ?? {};
        return [
          verdict.domain,
          peakText(verdict, language),
          forecast === undefined ? '' : numbers.rate(forecast.actualTps),
          safeText(verdict, language),
          safeMax === undefined ? '' : reviewTexts.outcomes[safeMax.outcome],
          forecast === undefined ? '' : texts.heldPeak(numbers.signedPercent(forecast.error)),
        ];
      }),
    }),
  ];
};
