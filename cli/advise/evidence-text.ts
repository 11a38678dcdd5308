// Renders the evidence that decides whether a cluster can handle its forecast peak.

import type { EvidenceAdvice, EvidenceOption } from '../../core/documents/evidence-advice.ts';
import type { HeadroomPrice } from '../../core/documents/headroom-price.ts';
import { localText } from '../../core/local-moment.ts';
import { headroomLanguages, headroomLines } from '../../core/text/headroom-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { lossName, percentText, quantityText, rateText } from '../../core/text/quantity-text.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { wrap } from '../../core/text/table.ts';

const width = 100;

export function evidenceText(advice: EvidenceAdvice, timezone: string): string {
  const { options, headroomPrice } = advice;
  const lines = [
    ...wrap(answerOf(advice), width),
    ...wrap(peakLine(advice, timezone), width),
    ...wrap(safeLine(advice), width),
    ...(options.length === 0 ? [] : ['', 'Evidence that would decide comes first, then the cheapest:']),
    ...options.flatMap((option, index) => [
      ...wrap(`${index + 1}. ${optionText(option, timezone)}`, width, 3),
      ...(option.command === undefined ? [] : [`   ${option.command}`]),
    ]),
    ...unclearForecast(advice),
    ...(headroomPrice === undefined ? [] : headroomText(headroomPrice, timezone)),
  ];
  return `${lines.join('\n')}\n`;
}

function headroomText(headroom: HeadroomPrice, timezone: string): string[] {
  const { title, reserves: names, base, amount } = headroomLanguages.en;
  const { reserves, price } = headroom;
  const cost = (own: number | undefined) =>
    own === undefined ? '' : ` (${amount(quantityText(own), price?.currency)})`;
  const chain =
    reserves.kind === 'unknown'
      ? []
      : [
          `${[
            `${base} ${rateText(reserves.peakTps)}${cost(reserves.baseCost)}`,
            ...reserves.entries.map((each) => `${names[each.reserve]} ${each.factor.toFixed(2)}${cost(each.cost)}`),
          ].join(' × ')} = saturation ${rateText(reserves.saturationTps)}`,
        ];
  const moment = (at: string) => localText(Date.parse(at), timezone);
  const lines = [...chain, ...headroomLines(headroom, 'en', moment)];
  return ['', `${title}:`, ...lines.flatMap((line) => wrap(`  ${line}`, width, 2))];
}

/** Lines for the case that better evidence about the safe maximum does not help. */
function unclearForecast({ options, peak: { tps, high } }: EvidenceAdvice): string[] {
  const isMeasured = options.some(({ expected }) => expected !== undefined);
  if (!isMeasured || options.some(({ decides }) => decides)) return [];
  const text = `None of them is expected to decide: the forecast itself is uncertain (${rateText(tps)}, 90% ${rateText(high)}). Forecast again nearer to the peak, or accept another --risk.`;
  return ['', ...wrap(text, width)];
}

const gapTexts = {
  'no-forecast':
    'The forecast has no values for some of its horizon, as for a promotion that the history does not contain. State the peak of the promotion in a plan (`plimsoll size`), or forecast again from recent history.',
  'no-interval':
    'The time of the forecast peak was measured in one promotion only, so how far the load may exceed it is unknown. Add an earlier occurrence to the history, or state the peak in a plan (`plimsoll size`).',
} as const satisfies Readonly<Record<NonNullable<EvidenceAdvice['gap']>, string>>;

function answerOf({ state, gap, probability, risk, neededTps, safe, ceiling }: EvidenceAdvice): string {
  const known = safe.interval === undefined ? 'the rate that is known to be safe' : 'the safe maximum';
  const chance = `The forecast peak exceeds ${known} with a probability of ${percentText(probability)}; ${percentText(risk)} is accepted.`;
  const needed = `A safe maximum of ${rateText(neededTps)} is needed`;
  switch (state) {
    case 'enough':
      return `No measurement is needed. ${chance}`;
    case 'not-enough':
      return `The capacity is too low, and no measurement changes that. ${chance} ${needed}, and the interval ends at ${rateText(safe.interval?.high ?? safe.tps)}: add brokers (\`plimsoll size\`, \`plimsoll scale\`), or move load.`;
    case 'undecided':
      if (probability <= risk && gap !== undefined) return `Undecided. ${gapTexts[gap]} ${chance}`;
      if (ceiling !== undefined) {
        return `Undecided. ${chance} ${needed}, but throughput stopped growing at ${rateText(ceiling.tps)}, and the cause is unknown. To find it, ${ceiling.decidedBy}.`;
      }
      return `Undecided. ${chance} ${needed}${safe.interval === undefined ? ', and no limit was met so far.' : ', which lies in the interval of what was measured.'}`;
  }
}

const peakLine = ({ peak: { at, tps, high } }: EvidenceAdvice, timezone: string) =>
  `Forecast peak: ${rateText(tps)} at ${localText(Date.parse(at), timezone)} (90%: ${rateText(high)}).`;

function safeLine({ safe: { tps, interval, lost, limitedBy } }: EvidenceAdvice): string {
  const what = lost === undefined ? '' : ` after losing ${lossName({ lost: lost.kind, id: lost.id })}`;
  const range = interval === undefined ? '' : `, interval ${rangeText(interval)}`;
  const cause = limitedBy === undefined ? '' : `, limited by ${limitText(limitedBy)}`;
  return `Safe maximum${what}: ${interval === undefined ? 'at least ' : ''}${rateText(tps)}${range}${cause}.`;
}

const rangeText = ({ low, high }: { low: number; high?: number | undefined }) =>
  high === undefined ? `from ${rateText(low)} on` : `${rateText(low)} to ${rateText(high)}`;

function optionText(option: EvidenceOption, timezone: string): string {
  const { kind, minutes, reachesTps, from, broker, expected, decides } = option;
  const moment = from === undefined ? undefined : localText(Date.parse(from), timezone);
  const lasts = roundedDurationText(60 * minutes);
  const window = moment === undefined ? 'the forecast has no safe window of that length' : `safe from ${moment}`;
  const what = {
    'natural-peak': `Wait for the peak at ${moment}: ${rateText(reachesTps)}, more than was seen so far. Nothing is changed. Analyze production again afterwards.`,
    redline: `A redline of broker ${broker}: live traffic, about ${lasts}, ${window}.`,
    'load-test': `A load test up to ${rateText(reachesTps)}: about ${lasts}, ${window}.`,
  }[kind];
  const result =
    expected === undefined
      ? ''
      : ` The interval becomes about ${rangeText(expected)}${decides ? ': this decides' : ': this is not enough'}.`;
  return `${what}${result}`;
}
