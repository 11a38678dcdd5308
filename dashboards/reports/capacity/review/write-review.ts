// Writes the review after a promotion, in the same parts as a capacity report.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import type { PromotionReview } from '../../../../core/documents/promotion-review.ts';
import { reasonText } from '../../../../core/documents/reasons/go-reasons.ts';
import { ifKnown } from '../../../../core/text/quantity-text.ts';
import {
  tableOf,
  textBlock,
  tableBlock,
  numeric,
  languageOf,
  titledList,
  type Block,
  type Tone,
  type Language,
} from '../part.ts';
import type { ReportLanguage } from '../texts.ts';
import type { WrittenReport } from '../write-parts.ts';
import type { ReviewTexts } from './texts.ts';

type Verdicts = CapacityReport['verdicts'];

/** @param verdicts of the reviewed report */
export function writeReview(review: PromotionReview, verdicts: Verdicts, name: ReportLanguage): WrittenReport {
  const language = languageOf(name);
  const { reviewTexts: own, numbers } = language;
  const { promotion, report } = review;
  const part = (id: keyof ReviewTexts['parts'], blocks: readonly Block[]) => ({ id, title: own.parts[id], blocks });
  return {
    language: name,
    title: own.title(promotion.name),
    subtitle: own.subtitle(numbers.moment(promotion.from), numbers.moment(promotion.to), report.asOf),
    parts: [
      part('summary', summary(review, verdicts, language)),
      part('forecast', forecasts(review, language)),
      part('safe-max', safeMaxima(review, language)),
      part('alerts', alerts(review, language)),
      part('levers', levers(review, language)),
    ],
  };
}

function summary({ held, domains, grades }: PromotionReview, verdicts: Verdicts, language: Language): Block[] {
  const { texts, reviewTexts: own, numbers } = language;
  const line =
    held.graded === 0 ? own.nothingGraded : own.summary(numbers.plain(held.held), numbers.plain(held.graded));
  const answerText = (isTrue: boolean | undefined) => (isTrue === undefined ? own.open : isTrue ? own.yes : own.no);
  return [
    textBlock(line),
    ...(grades === undefined ? [] : [textBlock(own.graded(numbers.plain(grades.held), numbers.plain(grades.graded)))]),
    tableBlock(
      domains,
      [
        [texts.domain, ({ domain }) => domain],
        [own.decisionHeld, ({ decisionHeld }) => answerText(decisionHeld)],
        [texts.decision, ({ decision }) => texts.decisions[decision]],
        [numeric(own.readings), ({ readings }) => numbers.plain(readings)],
      ],
      { toneOf: ({ decisionHeld }) => toneOf(decisionHeld) },
    ),
    ...reasonTable(domains, verdicts, language),
  ];
}

const reasonTones = { right: 'good', wrong: 'bad', unproven: 'warning', 'cannot-be-judged': 'warning' } as const;

/** A review has the codes of the reasons, and their outcomes, in the order of the report, which has the figures. */
function reasonTable(
  domains: PromotionReview['domains'],
  verdicts: Verdicts,
  { name, texts, reviewTexts: own }: Language,
): Block[] {
  const rows = domains.flatMap(({ domain, reasons = [] }, at) =>
    reasons.map((scored, place) => ({ domain, ...verdicts[at]?.reasons[place], ...scored })),
  );
  return tableOf(
    rows,
    [
      [texts.domain, ({ domain }) => domain],
      [own.decisionHeld, ({ outcome }) => own.reasonOutcomes[outcome]],
      [texts.reason, (reason) => reasonText(reason, name)],
      [own.code, ({ code }) => code],
    ],
    { title: own.reasonsTitle, toneOf: ({ outcome }) => reasonTones[outcome] },
  );
}

const predictedText = (
  { low, mid, high }: { low: number; mid?: number | undefined; high?: number | undefined },
  { texts, numbers }: Language,
): string =>
  mid === undefined || high === undefined
    ? texts.atLeast(numbers.rate(mid ?? low))
    : low === high
      ? numbers.rate(mid)
      : texts.range(numbers.rate(mid), numbers.rate(low), numbers.rate(high));

/** Unknown is a warning. */
const toneOf = (isHeld: boolean | undefined): Tone => (isHeld === undefined ? 'warning' : isHeld ? 'good' : 'bad');

function forecasts({ domains }: PromotionReview, language: Language): Block[] {
  const { texts, reviewTexts: own, numbers } = language;
  const scored = domains.flatMap(({ domain, forecast }) => (forecast === undefined ? [] : { domain, ...forecast }));
  if (scored.length === 0) return [textBlock(own.notRead)];
  return tableOf(
    scored,
    [
      [texts.domain, ({ domain }) => domain],
      [texts.held, ({ held }) => (held === undefined ? own.noInterval : held ? own.yes : own.no)],
      [numeric(texts.peak), ({ predicted }) => predictedText(predicted, language)],
      [numeric(texts.actualPeak), ({ actualTps }) => numbers.rate(actualTps)],
      [own.when, ({ at }) => numbers.moment(at)],
      [numeric(own.error), ({ error }) => numbers.signedPercent(error)],
    ],
    { toneOf: ({ held }) => toneOf(held) },
  );
}

const safeMaxTones = {
  held: 'good',
  'not-tested': 'warning',
  'promised-too-much': 'bad',
  'promised-too-little': 'bad',
} as const;

function safeMaxima({ domains, alerts: known }: PromotionReview, language: Language): Block[] {
  const { texts, reviewTexts: own, numbers } = language;
  if (known === undefined) return [textBlock(own.notRecorded)];
  const scored = domains.flatMap(({ domain, safeMax }) => (safeMax === undefined ? [] : { domain, ...safeMax }));
  if (scored.length === 0) return [textBlock(own.notRead)];
  return tableOf(
    scored,
    [
      [texts.domain, ({ domain }) => domain],
      [texts.held, ({ outcome }) => own.outcomes[outcome]],
      [numeric(texts.safeMax), ({ predicted }) => predictedText(predicted, language)],
      [numeric(own.calm), ({ calmTps }) => ifKnown(calmTps, numbers.rate) ?? ''],
      [numeric(own.strained), ({ strainedTps }) => ifKnown(strainedTps, numbers.rate) ?? ''],
    ],
    { toneOf: ({ outcome }) => safeMaxTones[outcome] },
  );
}

function alerts({ alerts: score, domains }: PromotionReview, { texts, reviewTexts: own, numbers }: Language): Block[] {
  if (score === undefined) return [textBlock(own.notRecorded)];
  const { episodes, pages, caught, falsePages, withoutLimit } = score;
  const line = own.alertLine(
    ...([caught, episodes.length, pages, falsePages.length].map(numbers.plain) as [string, string, string, string]),
  );
  const list = [
    ...titledList(own.falsePages, [...new Set(falsePages)]),
    ...titledList(own.withoutLimit, [...new Set(withoutLimit)]),
  ];
  if (episodes.length === 0) {
    const isKnown = withoutLimit === undefined && domains.every(({ readings }) => readings > 0);
    return [textBlock(isKnown ? own.noEpisodes : own.noIncidents), textBlock(line), ...list];
  }
  return [
    textBlock(line),
    tableBlock(
      episodes,
      [
        [texts.domain, ({ domain }) => domain],
        [own.pagedBy, ({ pagedBy }) => pagedBy ?? own.notPaged],
        [own.incident, ({ what }) => (what === 'above-safe-maximum' ? own.aboveSafeMax : what)],
        [own.when, ({ from }) => numbers.moment(from)],
        [
          numeric(own.lead),
          ({ leadSeconds }) =>
            ifKnown(leadSeconds, (seconds) => own.minutes(numbers.plain(Math.round(seconds / 60)))) ?? '',
        ],
      ],
      { toneOf: ({ pagedBy }) => (pagedBy === undefined ? 'bad' : 'good') },
    ),
    ...list,
  ];
}

function levers({ levers: scores }: PromotionReview, { texts, reviewTexts: own, numbers }: Language): Block[] {
  if (scores.length === 0) return [textBlock(own.noLevers)];
  const rate = (value: number | undefined) => (value === undefined ? texts.unknown : numbers.rate(value));
  return tableOf(scores, [
    [texts.domain, ({ domain }) => domain],
    [own.lever, ({ lever }) => own.levers[lever]],
    [own.when, ({ at }) => numbers.moment(at)],
    [numeric(own.said), ({ predictedTps }) => rate(predictedTps)],
    [numeric(own.change), ({ loadChangeTps }) => rate(loadChangeTps)],
    [texts.result, ({ outcome }) => own.leverOutcomes[outcome]],
  ]);
}
