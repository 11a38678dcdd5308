// Limits a load test by groups that work on each message: a partition is read in order, one message after another.

import type { LoadTestRun } from '../../../evidence/load-test-run.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { Ceiling } from '../../evidence.ts';
import { measuredCrossing } from '../../fit/crossing.ts';

/** Of partitions that get unequal shares the fullest is behind first, and a group that stood still has to catch up. */
const unevenShare = 0.1;
/** What was read and is not worked on yet counts to neither side for long. */
const countingError = 0.02;

/** @returns for each group whose work is known the rate at which all its partitions are busy; every group reads every message */
export function processingCeilings(
  { document: { workload } }: Pick<LoadTestRun, 'document'>,
  policy: Policy,
): Ceiling[] {
  const { partitions, groupProcessing = [] } = workload;
  if (partitions === undefined) return [];
  return groupProcessing.map(({ group, secondsPerMessage }) => {
    const limit = { slo: 'consumer-lag', group } as const;
    const value = partitions / secondsPerMessage;
    const interval = { value, low: value * (1 - unevenShare), high: value * (1 + countingError) };
    return { ...measuredCrossing(interval, policy.fit.confidence.value, limit), limit, kind: 'configured' };
  });
}
