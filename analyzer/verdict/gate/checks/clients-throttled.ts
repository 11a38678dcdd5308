// Finds clients that were throttled by a quota: the quota limited the load, so the load shows no maximum of the cluster.

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

/** If a quota is the named limit of the step, it is the result and not in doubt. */
function isNamed(verdict: StepVerdict): boolean {
  const limit = verdict.kind === 'saturated' ? verdict.bottleneck : undefined;
  if (limit === undefined || !('resource' in limit)) return false;
  return isConfigured(limit.resource);
}
