// Implements `plimsoll advise`: suggests the measurement that adds most information, or decides at the lowest cost.

import { freezesOf } from '../../app/config/freezes.ts';
import { evidenceAdviceOf, survivals } from '../../app/planning/evidence-advice.ts';
import { headroomPriceFor } from '../../app/planning/headroom-price.ts';
import { advise, type Advice } from '../../analyzer/planning/advise/advise.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { EvidenceAdvice, EvidenceOption } from '../../core/documents/evidence-advice.ts';
import type { AdviceDocument } from '../../core/documents/advice.ts';
import { AppError } from '../../core/errors.ts';
import { isTimeZone, localText } from '../../core/local-moment.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { wrap } from '../../core/text/table.ts';
import { everyEntry, type HistoryReader } from '../../service/history/history.ts';
import { promotionSet, promotionsInForce } from '../../service/status/promotions.ts';
import { joinOptions } from '../analysis/join-options.ts';
import { loadTestOf } from '../analysis/what-if.ts';
import { choice, defineCommand, flag, type IoOf, option, printDocument, text } from '../command.ts';
import { policyOf, policyOption, presentConfig, historyDatabase } from '../options.ts';
import { historyOptions, openForReading } from '../history/opened.ts';
import { forecastFromFile, inForce, refuseExpired } from '../windows/known.ts';
import { verdictLastsByDefault, windowOptions } from '../windows/window-options.ts';
import type { HeadroomPrice } from '../../core/documents/headroom-price.ts';
import { addedRatesText } from '../../core/text/added-rates-text.ts';
import { headroomLanguages, headroomLines } from '../../core/text/headroom-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { lossName, percentText, quantityText, rateText } from '../../core/text/quantity-text.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';

const options = {
  ...joinOptions,
  cluster: text('NAME', 'cluster whose verdict and forecast are in the history; with a run, its name in the report'),
  forecast: text('FILE', 'forecast that the cluster is to carry, as `plimsoll forecast --json` writes it'),
  survives: option(
    'KIND',
    'what the cluster must be able to lose at the peak: broker, zone or nothing',
    choice(survivals).default('broker'),
  ),
  risk: windowOptions.risk,
  ...historyOptions,
  config: policyOption,
  'history-db': historyDatabase,
  json: flag('print the result as one JSON document'),
};

type AdviseIo = IoOf<typeof options>;

export const adviseCommand = defineCommand({
  positionals: '[RUN|FILE…]',
  options,
  examples: [
    'plimsoll advise runs/20260101-120000',
    'plimsoll advise runs/20260101-120000 --forecast forecast.json',
    'plimsoll advise --cluster orders --risk 1%',
  ],

  async run(io) {
    const { options: given, positionals } = io;
    const policy = await policyOf(io);
    if (positionals.length === 0 && given.cluster !== undefined) {
      const document = inConfig(await fromHistory(io, given.cluster, policy), given.config);
      printDocument(io, document, () => evidenceText(document, zoneOf(io)));
      return;
    }
    const run = await loadTestOf(io, policy);
    const analysis = analyzeRun(run, policy);
    if (given.forecast !== undefined) {
      const document = inConfig(await againstForecast(io, given.forecast, analysis, policy), given.config);
      printDocument(io, document, () => evidenceText(document, zoneOf(io)));
      return;
    }
    const advice = advise(run, analysis, policy).map((each) => withConfig(each, given.config));
    const { safeMaxTps } = analysis;
    const document: AdviceDocument = { schemaVersion: 2, run: run.document.id, safeMaxTps, advice };
    printDocument(io, document, () => adviceText(advice));
  },
});

async function fromHistory(io: AdviseIo, cluster: string, policy: Policy): Promise<EvidenceAdvice> {
  const { survives, risk } = io.options;
  const config = await presentConfig(io);
  const nowMs = io.clock.now().getTime();
  using history = await openForReading(io);
  const lastsSeconds = config?.service.thresholds.verdictLasts ?? verdictLastsByDefault;
  const at = { nowMs, lastsSeconds };
  const { forecast, verdict } = inForce(history, cluster, at);
  if (verdict !== undefined) {
    refuseExpired(
      verdict,
      cluster,
      at,
      `measure again, and add it: plimsoll history add RUN --cluster ${quotedWord(cluster)}`,
    );
  }
  const entry = verdict && history.entry(verdict.entry);
  if (entry?.kind !== 'verdict' && entry?.kind !== 'test') {
    throw new AppError('not-found', `there is no verdict of cluster ${cluster}`, {
      hint: `add one: plimsoll history add RUN --cluster ${quotedWord(cluster)}`,
    });
  }
  const { document: analysis, id } = entry;
  const freezes = config === undefined ? [] : freezesOf(config);
  const broker = config?.clusters[cluster]?.broker ?? analysis.run.broker;
  return {
    ...evidenceAdviceOf({ cluster, forecast, analysis, entry: id, survives, nowMs, risk, freezes, policy }),
    ...(broker && {
      headroomPrice: headroomPriceFor({
        cluster,
        broker,
        analysis,
        forecast: forecast.document,
        prices: config?.service.prices,
        promotions: promotionsInForce(config?.service.promotions ?? [], operatorPromotions(history)),
        nowMs,
        risk,
        policy,
      }),
    }),
  };
}

/** Oldest first. */
const operatorPromotions = (history: HistoryReader) =>
  [...everyEntry(history, { change: 'promotion-set' })].reverse().flatMap((entry) => promotionSet(entry) ?? []);

async function againstForecast(io: AdviseIo, path: string, analysis: Analysis, policy: Policy) {
  const { signal, clock, options: given } = io;
  const forecast = await forecastFromFile(path, { policy, signal });
  const config = await presentConfig(io);
  const freezes = config === undefined ? [] : freezesOf(config);
  const { survives, risk, cluster = analysis.run.cluster } = given;
  const nowMs = clock.now().getTime();
  return evidenceAdviceOf({ cluster, forecast, analysis, survives, nowMs, risk, freezes, policy });
}

const inConfig = (advice: EvidenceAdvice, config: string | undefined): EvidenceAdvice => ({
  ...advice,
  options: advice.options.map((each) => withConfig(each, config)),
});

/** Adds the config of this command, so that a copied command uses it. */
const withConfig = <Each extends { command?: string | undefined }>(each: Each, config: string | undefined): Each =>
  each.command === undefined || config === undefined
    ? each
    : { ...each, command: `${each.command} --config ${quotedWord(config)}` };

/** `--timezone` also applies to files of other tools, for which it may be an offset. */
function zoneOf({ options: { timezone } }: AdviseIo): string {
  return timezone !== undefined && isTimeZone(timezone) ? timezone : 'UTC';
}

const lineWidth = 100;

function adviceText(advice: readonly Advice[]): string {
  if (advice.length === 0) return 'No measurement that would narrow the answer by 2% or more was found.\n';
  const lines = advice.flatMap(({ text: sentence, command }, index) => [
    ...wrap(`${index + 1}. ${sentence}`, lineWidth, 3),
    ...(command === undefined ? [] : [`   ${command}`]),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Renders the evidence that decides whether a cluster can handle its forecast peak. */
export function evidenceText(advice: EvidenceAdvice, timezone: string): string {
  const { options, headroomPrice } = advice;
  const lines = [
    ...wrap(answerOf(advice), lineWidth),
    ...wrap(peakLine(advice, timezone), lineWidth),
    ...wrap(safeLine(advice), lineWidth),
    ...(options.length === 0 ? [] : ['', 'Evidence that would decide comes first, then the cheapest:']),
    ...options.flatMap((option, index) => [
      ...wrap(`${index + 1}. ${optionText(option, timezone)}`, lineWidth, 3),
      ...(option.command === undefined ? [] : [`   ${option.command}`]),
    ]),
    ...(options.length === 0 ? [] : ['', ...wrap(whenToMeasure(options), lineWidth)]),
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
  return ['', `${title}:`, ...lines.flatMap((line) => wrap(`  ${line}`, lineWidth, 2))];
}

/** The state of the cluster is unknown here, unlike on its page. */
function whenToMeasure(options: readonly EvidenceOption[]): string {
  const rates = options.some(({ kind }) => kind === 'load-test') ? ` ${addedRatesText.en}` : '';
  return `Measure only while all brokers answer (\`plimsoll get brokers\`): a load test or redline of a degraded cluster endangers it, and its result does not apply to the whole one.${rates}`;
}

/** Lines for the case that better evidence about the safe maximum does not help. */
function unclearForecast({ options, peak: { tps, high } }: EvidenceAdvice): string[] {
  const isMeasured = options.some(({ expected }) => expected !== undefined);
  if (!isMeasured || options.some(({ decides }) => decides)) return [];
  const text = `None of them is expected to decide: the forecast itself is uncertain (${rateText(tps)}, 90% ${rateText(high)}). Forecast again nearer to the peak, or accept another --risk.`;
  return ['', ...wrap(text, lineWidth)];
}

const gapTexts = {
  'no-forecast':
    'The forecast has no values for some of its horizon, as for a promotion that the history does not contain. State the peak of the promotion in a plan (`plimsoll size`), or forecast again from recent history.',
  'no-interval':
    'The time of the forecast peak was measured in one promotion only, so how far the load may exceed it is unknown. Add an earlier occurrence to the history, or state the peak in a plan (`plimsoll size`).',
  'no-catch-up':
    'The safe maximum while a lost broker catches up is unknown. Add host metrics for every broker, or test closer to the limit.',
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
        return `Not at the accepted risk. ${chance} ${needed}, but throughput stopped growing at ${rateText(ceiling.tps)}, and the cause is unknown. To find it, ${ceiling.decidedBy}.`;
      }
      return `Not at the accepted risk. ${chance} ${needed}${safe.interval === undefined ? ', and no limit was met so far.' : ', which lies in the interval of what was measured.'}`;
  }
}

const peakLine = ({ peak: { at, tps, high } }: EvidenceAdvice, timezone: string) =>
  `Forecast peak: ${rateText(tps)} at ${localText(Date.parse(at), timezone)} (90%: ${rateText(high)}).`;

function safeLine({ safe: { tps, interval, lost, duringCatchUp, limitedBy } }: EvidenceAdvice): string {
  const name = lost && lossName({ lost: lost.kind, id: lost.id });
  const what = name === undefined ? '' : duringCatchUp ? ` while ${name} catches up` : ` after losing ${name}`;
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
