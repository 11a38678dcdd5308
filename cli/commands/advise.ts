// Implements `plimsoll advise`: suggests the measurement that adds most information, or decides at the lowest cost.

import { freezesOf } from '../../app/config/freezes.ts';
import { evidenceAdviceOf, survivals } from '../../app/planning/evidence-advice.ts';
import { headroomPriceFor } from '../../app/planning/headroom-price.ts';
import { advise, type Advice } from '../../analyzer/planning/advise/advise.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { EvidenceAdvice } from '../../core/documents/evidence-advice.ts';
import type { AdviceDocument } from '../../core/documents/advice.ts';
import { AppError } from '../../core/errors.ts';
import { isTimeZone } from '../../core/local-moment.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { wrap } from '../../core/text/table.ts';
import { everyEntry, type HistoryReader } from '../../service/history/history.ts';
import { promotionSet, promotionsInForce } from '../../service/status/promotions.ts';
import { evidenceText } from '../advise/evidence-text.ts';
import { joinOptions } from '../analysis/join-options.ts';
import { loadTestOf } from '../analysis/what-if.ts';
import { choice, defineCommand, flag, type IoOf, option, printDocument, text } from '../command.ts';
import { policyOf, policyOption, presentConfig } from '../options.ts';
import { historyDatabase } from '../history-file.ts';
import { historyOptions, openForReading } from '../history/opened.ts';
import { forecastFromFile, inForce, refuseExpired } from '../windows/known.ts';
import { verdictLastsByDefault, windowOptions } from '../windows/window-options.ts';

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
    refuseExpired(verdict, cluster, at, 'measure again, and add it: plimsoll history add RUN --cluster NAME');
  }
  const entry = verdict && history.entry(verdict.entry);
  if (entry?.kind !== 'verdict' && entry?.kind !== 'test') {
    throw new AppError('not-found', `there is no verdict of cluster ${cluster}`, {
      hint: 'add one: plimsoll history add RUN --cluster NAME',
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

const width = 100;

function adviceText(advice: readonly Advice[]): string {
  if (advice.length === 0) return 'No measurement that would narrow the answer by 2% or more was found.\n';
  const lines = advice.flatMap(({ text: sentence, command }, index) => [
    ...wrap(`${index + 1}. ${sentence}`, width, 3),
    ...(command === undefined ? [] : [`   ${command}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
