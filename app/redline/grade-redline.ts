// Grades the standing prediction of a cluster's safe maximum by a redline.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { RedlineDocument } from '../../core/documents/redline.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { readVerdict } from '../analysis/verdict-comparison.ts';

/** @param earlier a run or a file of `analyze --json`; nothing is graded without it, or where one of both has no number */
export async function gradeRedline(
  { safeMaxTps }: Analysis,
  earlier: string | undefined,
  io: { policy: Policy; signal: AbortSignal },
): Promise<RedlineDocument['grade']> {
  if (earlier === undefined) return undefined;
  const { safeMaxTps: predicted } = await readVerdict(earlier, io);
  if (!('interval' in predicted) || !('interval' in safeMaxTps)) return undefined;
  const { low, high = Number.POSITIVE_INFINITY } = predicted.interval;
  const { low: ownLow, high: ownHigh = Number.POSITIVE_INFINITY } = safeMaxTps.interval;
  return {
    predictedTps: predicted.estimateTps,
    redlineTps: safeMaxTps.estimateTps,
    error: predicted.estimateTps / safeMaxTps.estimateTps - 1,
    isCovered: low <= ownHigh && ownLow <= high,
  };
}
