// Writes the review after a promotion, in the same parts as a capacity report.

import type { PromotionReview, ReviewedDomain } from '../../../../core/documents/promotion-review.ts';
import { createNumbers, type Numbers } from '../../../web/numbers.ts';
import { tableOf, textBlock, type Block, type Tone } from '../part.ts';
import { signed } from '../signed.ts';
import { languages, type ReportLanguage, type Texts } from '../texts.ts';
import type { WrittenReport } from '../write-parts.ts';
import { reviewLanguages, type ReviewTexts } from './texts.ts';

interface Language {
  texts: Texts;
  own: ReviewTexts;
  numbers: Numbers;
}

export function writeReview(review: PromotionReview, name: ReportLanguage): WrittenReport {
  const own = reviewLanguages[name];
  const language: Language = { texts: languages[name], own, numbers: createNumbers(name) };
  const { promotion, report } = review;
  const part = (id: keyof ReviewTexts['parts'], blocks: readonly Block[]) => ({ id, title: own.parts[id], blocks });
  return {
    language: name,
    title: own.title(promotion.name),
    subtitle: own.subtitle(language.numbers.moment(promotion.from), language.numbers.moment(promotion.to), report.asOf),
    parts: [
      part('summary', summary(review, language)),
      part('forecast', forecasts(review, language)),
      part('safe-max', safeMaxima(review, language)),
      part('alerts', alerts(review, language)),
      part('levers', levers(review, language)),
    ],
  };
}

function summary({ held, domains, grades }: PromotionReview, { texts, own, numbers }: Language): Block[] {
  const line =
    held.graded === 0 ? own.nothingGraded : own.summary(numbers.plain(held.held), numbers.plain(held.graded));
  const answerText = (isTrue: boolean | undefined) => (isTrue === undefined ? own.open : isTrue ? own.yes : own.no);
  return [
    textBlock(line),
    ...(grades === undefined ? [] : [textBlock(own.graded(numbers.plain(grades.held), numbers.plain(grades.graded)))]),
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: texts.decision },
        { title: own.decisionHeld },
        { title: own.readings, isNumber: true },
      ],
      tones: domains.map(({ decisionHeld }): Tone =>
        decisionHeld === false ? 'bad' : decisionHeld ? 'good' : 'warning',
      ),
      rows: domains.map(({ domain, decision, decisionHeld, readings }) => [
        domain,
        texts.decisions[decision],
        answerText(decisionHeld),
        numbers.plain(readings),
      ]),
    },
    ...reasonTable(domains, texts, own),
  ];
}

const reasonTones = { right: 'good', wrong: 'bad', 'cannot-be-judged': 'warning' } as const;

/** By their codes, as the documentation lists them: figures are in the report. */
function reasonTable(domains: readonly ReviewedDomain[], texts: Texts, own: ReviewTexts): Block[] {
  const rows = domains.flatMap(({ domain, reasons = [] }) => reasons.map((reason) => ({ domain, ...reason })));
  return tableOf({
    title: own.reasonsTitle,
    columns: [{ title: texts.domain }, { title: texts.reason }, { title: own.decisionHeld }],
    tones: rows.map(({ outcome }): Tone => reasonTones[outcome]),
    rows: rows.map(({ domain, code, outcome }) => [domain, code, own.reasonOutcomes[outcome]]),
  });
}

const predictedText = (
  { low, mid, high }: { low: number; mid?: number | undefined; high?: number | undefined },
  { texts, numbers }: Language,
): string =>
  mid === undefined || high === undefined
    ? texts.atLeast(numbers.rate(mid ?? low))
    : texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high));

function forecasts({ domains }: PromotionReview, language: Language): Block[] {
  const { texts, own, numbers } = language;
  const scored = domains.filter(({ forecast }) => forecast !== undefined);
  if (scored.length === 0) return [textBlock(own.notRead)];
  return [
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: own.held },
        { title: texts.peak, isNumber: true },
        { title: own.actual, isNumber: true },
        { title: own.when },
        { title: own.error, isNumber: true },
      ],
      tones: scored.map(({ forecast }): Tone =>
        forecast?.held === undefined ? 'warning' : forecast.held ? 'good' : 'bad',
      ),
      rows: scored.map(({ domain, forecast }) => {
        const { predicted, actualTps, at, error, held } = forecast as NonNullable<ReviewedDomain['forecast']>;
        return [
          domain,
          held === undefined ? own.noInterval : held ? own.yes : own.no,
          predictedText(predicted, language),
          numbers.rate(actualTps),
          numbers.moment(at),
          signed(error, numbers),
        ];
      }),
    },
  ];
}

function safeMaxima({ domains }: PromotionReview, language: Language): Block[] {
  const { texts, own, numbers } = language;
  const scored = domains.filter(({ safeMax }) => safeMax !== undefined);
  if (scored.length === 0) return [textBlock(own.notRead)];
  const tones = {
    held: 'good',
    'not-tested': 'warning',
    'promised-too-much': 'bad',
    'promised-too-little': 'bad',
  } as const;
  const rate = (value: number | undefined) => (value === undefined ? '' : numbers.rate(value));
  return [
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: own.held },
        { title: texts.safeMax, isNumber: true },
        { title: own.calm, isNumber: true },
        { title: own.strained, isNumber: true },
      ],
      tones: scored.map(({ safeMax }): Tone => tones[safeMax?.outcome ?? 'not-tested']),
      rows: scored.map(({ domain, safeMax }) => {
        const { predicted, outcome, calmTps, strainedTps } = safeMax as NonNullable<ReviewedDomain['safeMax']>;
        return [domain, own.outcomes[outcome], predictedText(predicted, language), rate(calmTps), rate(strainedTps)];
      }),
    },
  ];
}

function alerts({ alerts: score }: PromotionReview, { texts, own, numbers }: Language): Block[] {
  const { episodes, pages, caught, falsePages, withoutLimit } = score;
  const line = own.alertLine(
    ...([caught, episodes.length, pages, falsePages.length].map(numbers.plain) as [string, string, string, string]),
  );
  const listOf = (title: string, items: readonly string[] = []): Block[] =>
    items.length === 0 ? [] : [textBlock(title), { kind: 'list', items: [...new Set(items)] }];
  const list = [...listOf(own.falsePages, falsePages), ...listOf(own.withoutLimit, withoutLimit)];
  if (episodes.length === 0) {
    return [textBlock(withoutLimit === undefined ? own.noEpisodes : own.noIncidents), textBlock(line), ...list];
  }
  return [
    textBlock(line),
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: texts.what },
        { title: own.when },
        { title: own.pagedBy },
        { title: own.lead, isNumber: true },
      ],
      tones: episodes.map(({ pagedBy }): Tone => (pagedBy === undefined ? 'bad' : 'good')),
      rows: episodes.map(({ domain, what, from, pagedBy, leadSeconds }) => [
        domain,
        what === 'above-safe-maximum' ? own.aboveSafeMax : what,
        numbers.moment(from),
        pagedBy ?? own.no,
        leadSeconds === undefined ? '' : own.minutes(numbers.plain(Math.round(leadSeconds / 60))),
      ]),
    },
    ...list,
  ];
}

function levers({ levers: scores }: PromotionReview, { texts, own, numbers }: Language): Block[] {
  if (scores.length === 0) return [textBlock(own.noLevers)];
  const rate = (value: number | undefined) => (value === undefined ? texts.unknown : numbers.rate(value));
  return [
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: own.lever },
        { title: own.when },
        { title: own.said, isNumber: true },
        { title: own.change, isNumber: true },
        { title: texts.result },
      ],
      rows: scores.map(({ domain, lever, at, predictedTps, loadChangeTps, outcome }) => [
        domain,
        own.levers[lever],
        numbers.moment(at),
        rate(predictedTps),
        rate(loadChangeTps),
        own.leverOutcomes[outcome],
      ]),
    },
  ];
}
