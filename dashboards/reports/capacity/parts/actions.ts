// Writes the actions of a report, the runbook for the day, and the part to fill in afterwards.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { actionText } from '../../../../core/documents/reasons/go-reasons.ts';
import { none, textBlock, type WritePart } from '../part.ts';
import { reviewLanguages } from '../review/texts.ts';
import { signed } from '../signed.ts';
import { peakText, safeText } from './decision.ts';

/** Share of the safe maximum from which it is worth looking. */
export const lookFrom = 0.8;

export const writeActions: WritePart = ({ verdicts, promotion }, language) => {
  const { words } = language;
  if (verdicts.length === 0) return none(language);
  const due = promotion.from === undefined ? '' : words.dueBefore(promotion.from);
  return [
    {
      kind: 'table',
      columns: [words.domain, words.action, words.owner, words.due].map((title) => ({ title })),
      rows: verdicts.flatMap(({ domain, reasons, owners }) =>
        reasons.map((reason) => [domain, actionText(reason, language.name), owners.join(', '), due]),
      ),
    },
  ];
};

export const writeRunbook: WritePart = ({ verdicts }, language) => {
  const { words, numbers } = language;
  const known = verdicts.flatMap(({ domain, safeTps }) =>
    safeTps === undefined ? [] : [[domain, numbers.rate(lookFrom * safeTps), numbers.rate(safeTps)]],
  );
  if (known.length === 0) return none(language);
  return [
    textBlock(words.runbookLead),
    {
      kind: 'table',
      columns: [
        { title: words.domain },
        { title: words.informFrom, isNumber: true },
        { title: words.pageAbove, isNumber: true },
      ],
      rows: known,
    },
  ];
};

export const writeAfterwards: WritePart = ({ verdicts, afterwards = [] }, language) => {
  const { words, numbers } = language;
  const reviewWords = reviewLanguages[language.name];
  return [
    textBlock(words.afterwardsLead),
    {
      kind: 'table',
      columns: [
        { title: words.domain },
        { title: words.peak },
        { title: words.actualPeak, isBlank: true },
        { title: words.safeMax },
        { title: words.held, isBlank: true },
        { title: words.lesson, isBlank: true },
      ],
      rows: verdicts.map((verdict: CapacityReport['verdicts'][number]) => {
        const { forecast, safeMax } = afterwards.find(({ domain }) => domain === verdict.domain) ?? {};
        return [
          verdict.domain,
          peakText(verdict, language),
          forecast === undefined ? '' : numbers.rate(forecast.actualTps),
          safeText(verdict, language),
          safeMax === undefined ? '' : reviewWords.outcomes[safeMax.outcome],
          forecast === undefined ? '' : words.heldPeak(signed(forecast.error, numbers)),
        ];
      }),
    },
  ];
};
