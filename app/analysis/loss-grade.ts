// Grades the prediction of an earlier run by a run without the lost brokers.

import { gradeLoss } from '../../analyzer/production/grading/grade-loss.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { readVerdict } from './verdict-comparison.ts';

/**
 * @param earlier named on the command line; by default, the run that the degraded run names, if it still exists
 * @throws AppError usage if the run was not degraded; errors of reading the earlier run, if named
 */
export async function withLossGrade(
  analysis: Analysis,
  earlier: string | undefined,
  io: { policy: Policy; signal: AbortSignal },
): Promise<Analysis> {
  const { degraded } = analysis;
  if (degraded === undefined) {
    if (earlier === undefined) return analysis;
    throw new AppError('usage', '--grade: no broker was down in this run', {
      hint: 'plimsoll run --degraded BROKER makes a run that grades a prediction',
    });
  }
  const { lost, predictedBy } = degraded;
  const directory = earlier ?? predictedBy?.directory;
  if (directory === undefined) return analysis;
  try {
    return { ...analysis, lossGrade: gradeLoss(await readVerdict(directory, io), analysis, lost) };
  } catch (error) {
    if (earlier !== undefined || !(error instanceof AppError)) throw error;
    return { ...analysis, lossGrade: { kind: 'not-graded', lost: lost.join(', '), reason: error.message } };
  }
}
