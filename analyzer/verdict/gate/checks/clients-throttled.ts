// Finds clients that a quota held back: the quota stopped the load, so it shows no maximum of the cluster.

import type { StepVerdict } from '../../../../core/documents/analysis.ts';
import { isConfigured } from '../../../../core/resource.ts';
import { wholeWithin } from '../../limits/resources/use.ts';
import { weakened, type Check } from '../check.ts';

export const clientsThrottled: Check = ({ run, steps }) => {
  const throttled = steps.filter(
    ({ step: { window }, verdict }) =>
      !isNamed(verdict) &&
      [...(run.brokers?.values() ?? [])].some((intervals) =>
        wholeWithin(intervals, window).some(({ throttledSeconds = 0 }) => throttledSeconds > 0),
      ),
  );
  return throttled.length === 0 ? [] : [weakened(throttled)];
};

/** A quota that is the limit of the step is its answer, and no doubt. */
function isNamed(verdict: StepVerdict): boolean {
  const limit = verdict.kind === 'saturated' ? verdict.bottleneck : undefined;
  if (limit === undefined || !('resource' in limit)) return false;
  return isConfigured(limit.resource);
}
