// What does the analysis predict from the lower steps of a run alone?

import { analyzeRun } from '../../analyzer/analyze-run.ts';
import { importRun } from '../../analyzer/importers/registry.ts';
import { readDefaultPolicy } from '../../analyzer/policy/policy.ts';
import type { Analysis } from '../../core/analysis.ts';
import { AppError } from '../../core/errors.ts';

export interface PredictedLimit {
  tps: number;
  low: number;
  high?: number;
  /** As the analysis names it: `network-out` of `1`. */
  limit: { name: string; node: string };
  isFlagged: boolean;
  steps: number;
}

/**
 * @param highestTps steps at a higher rate are left out, as if they had never been driven
 * @returns undefined where the analysis does not predict from them. @throws AppError run-unreadable for no load test
 */
export async function predictLimit(bundle: string, highestTps: number): Promise<PredictedLimit | undefined> {
  const policy = readDefaultPolicy();
  const imported = await importRun(bundle, { settleSeconds: policy.step.settleSeconds.value });
  if (imported.origin !== 'load-test') throw new AppError('run-unreadable', `${bundle} is no load test`);
  const steps = imported.run.steps.filter(({ targetTps = Number.POSITIVE_INFINITY }) => targetTps <= highestTps);
  return predictionOf(analyzeRun({ ...imported.run, steps }, policy), steps.length);
}

function predictionOf({ saturationTps, extrapolated, findings }: Analysis, steps: number): PredictedLimit | undefined {
  if (saturationTps.kind !== 'predicted') return undefined;
  const { estimateTps, interval, limitedBy, extrapolationFactor } = saturationTps;
  return {
    tps: estimateTps,
    low: interval.low,
    ...(interval.high !== undefined && { high: interval.high }),
    limit: {
      name: 'resource' in limitedBy ? limitedBy.resource : limitedBy.slo,
      node: 'node' in limitedBy ? limitedBy.node : limitedBy.group,
    },
    isFlagged:
      extrapolated !== undefined ||
      extrapolationFactor > 1.5 ||
      findings.some(({ code }) => code.startsWith('extrapolat')),
    steps,
  };
}
