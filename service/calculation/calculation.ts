// Dispatches a calculation: what-if, sizing, verdict on production or forecast; each can take minutes of CPU.

import { sizingInput, type SizingFiles } from '../../app/planning/read-domains.ts';
import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import type { SourceTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import { readLoadTest } from '../../app/analysis/read-load-test.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import type { SimulationChoices } from '../../analyzer/planning/simulation/planned-cluster.ts';
import type { SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import { whatIf } from '../../analyzer/planning/what-if/what-if.ts';
import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import { forecastOf } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import { historyOf, type Reading } from '../../analyzer/forecast/history.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import type { Promotion } from '../../analyzer/forecast/promotions.ts';
import { refusedLoad, type RefusedLoad } from '../../analyzer/forecast/refusals.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { loadDocument, recordedForecast } from '../../app/planning/forecast-document.ts';

const calculations = {
  /** `run` is the folder of the run bundle. */
  'load-test': ({ run, policy }: { run: string; policy: Policy }) => analyzeBundle(run, policy),

  /** `run` is the folder of the run that the what-if is based on. */
  async 'what-if'(question: { run: string; policy: Policy; alternatives: readonly Alternative[] }) {
    const { run, policy, alternatives } = question;
    return whatIf(await readLoadTest(run, policy), policy, alternatives);
  },

  size: ({ seed, worlds, ...files }: SizingFiles & { seed: string; worlds: number }) =>
    sizeDomains({ ...sizingInput(files), seed, worlds }),

  'blast-radius': (question: {
    plan: ClusterPlan;
    policy: SizingPolicy;
    choices: SimulationChoices;
    lastsSeconds: number;
  }) => blastRadiusOf(question.plan, question.policy, question),

  production: (question: { telemetry: SourceTelemetry; cluster: string; broker: BrokerKind; policy: Policy }) =>
    analyzeProduction(question.telemetry, question, question.policy),

  forecast: forecastOfLoad,
};

type Calculations = typeof calculations;

export type Question = {
  [Kind in keyof Calculations]: { kind: Kind } & Parameters<Calculations[Kind]>[0];
}[keyof Calculations];

export type AnswerTo<Asked extends Question> = Awaited<ReturnType<Calculations[Asked['kind']]>>;

/** @throws AppError run-missing, run-unreadable, usage */
export async function calculate(question: Question): Promise<AnswerTo<Question>> {
  // The cast is safe, because the type of a question is derived from the parameter of its calculation.
  return calculations[question.kind](question as never);
}

interface ForecastQuestion {
  kind: 'forecast';
  readings: readonly Reading[];
  timezone: string;
  horizonSeconds: number;
  promotions: readonly Promotion[];
}

export type ForecastAnswer = { kind: 'forecast'; forecast: RecordedForecast } | RefusedLoad;

/** Times without a forecast, such as during a promotion without similar history, have no point. */
export function forecastOfLoad(question: ForecastQuestion): ForecastAnswer {
  const { readings, timezone, horizonSeconds, promotions } = question;
  const reading = historyOf(readings, { statistic: 'max', zone: timeZone(timezone) });
  if (reading.kind === 'refused') return reading;
  const { history } = reading;
  const { grid, first, values } = history;
  const horizon = Math.max(1, Math.ceil((horizonSeconds / 86_400) * grid.stepsPerDay));
  const forecast = forecastOf(history, { horizon, promotions });
  if (forecast.kind === 'refused') return forecast;
  if (Number.isNaN(forecast.peak.value) || forecast.points.every(({ value }) => value === undefined)) {
    return refusedLoad('unknown-promotions', {});
  }
  const endsAt = new Date(startOf(grid, first + values.length + horizon)).toISOString();
  return { kind: 'forecast', forecast: recordedForecast(loadDocument(forecast, history), endsAt) };
}
