// Reads the limit that the analysis predicts from the lower steps of a run.

import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import { generatorNode } from '../../analyzer/verdict/limits/resource-use.ts';
import { readDefaultPolicy } from '../../core/policy/policy.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';

export interface PredictedLimit {
  tps: number;
  low: number;
  high?: number;
  /** Limit as the analysis names it: `network-out` of `1`. */
  limit: { name: string; node: string };
  isFlagged: boolean;
  steps: number;
}

/**
 * Beyond twice the highest rate, the verdict is only `at-least`. Its table of resources is then used instead, and
 * counts as flagged.
 *
 * @param highestTps steps at a higher rate are ignored, as if they had not run
 * @param kind kind of possible bottleneck: cores shared with the load generator are not a limit
 * @returns undefined if the analysis makes no prediction from them.
 * @throws AppError run-unreadable if the bundle is not a load test
 */
export async function predictLimit(
  bundle: string,
  highestTps: number,
  kind: 'link' | 'cores',
): Promise<PredictedLimit | undefined> {
  const policy = readDefaultPolicy();
  const imported = await importRun(bundle, { settleSeconds: policy.step.settleSeconds.value });
  if (imported.origin !== 'load-test') throw new AppError('run-unreadable', `${bundle} is no load test`);
  const steps = imported.run.steps.filter(({ targetTps = Number.POSITIVE_INFINITY }) => targetTps <= highestTps);
  const analysis = analyzeRun({ ...imported.run, steps }, policy);
  return verdictOf(analysis, kind, steps.length) ?? firstOfResources(analysis, kind, steps.length);
}

function verdictOf(
  { saturationTps, extrapolated }: Analysis,
  kind: 'link' | 'cores',
  steps: number,
): PredictedLimit | undefined {
  if (saturationTps.kind !== 'predicted') return undefined;
  const { estimateTps, interval, limitedBy, extrapolationFactor } = saturationTps;
  if (kind === 'link' && 'resource' in limitedBy && limitedBy.resource === 'cpu') return undefined;
  return {
    tps: estimateTps,
    low: interval.low,
    ...(interval.high !== undefined && { high: interval.high }),
    limit: {
      name: 'resource' in limitedBy ? limitedBy.resource : limitedBy.slo,
      node: 'node' in limitedBy ? limitedBy.node : limitedBy.group,
    },
    isFlagged: extrapolated !== undefined || extrapolationFactor > plainFactor,
    steps,
  };
}

/** Larger extrapolation factors are flagged (policy, extrapolation). */
const plainFactor = 1.5;

function firstOfResources({ resources }: Analysis, kind: 'link' | 'cores', steps: number): PredictedLimit | undefined {
  const [first] = resources
    .flatMap(({ resource, node, saturationTps }) =>
      saturationTps === undefined || node === generatorNode || (kind === 'link') !== resource.startsWith('network')
        ? []
        : [{ ...saturationTps, limit: { name: resource, node } }],
    )
    .toSorted((a, b) => a.value - b.value);
  if (first === undefined) return undefined;
  const { value, low, high, limit } = first;
  return { tps: value, low, ...(high !== undefined && { high }), limit, isFlagged: true, steps };
}
