// Limits a load test by consumer groups with a processing time per message, since a partition is read in order, one message at a time.

import type { LoadTestRun } from '../../../evidence/load-test-run.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { Ceiling } from '../../evidence.ts';
import { measuredCrossing } from '../../fit/crossing.ts';

/** Partitions get unequal shares, and the busiest lags first; a group also needs spare capacity to catch up after a pause. */
const unevenShare = 0.1;
/** Messages are counted per second, not at the moment their processing ends. */
const countingError = 0.02;

/** @returns for each group with a known processing time, the rate in messages per second at which all its partitions are busy */
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
