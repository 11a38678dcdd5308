// Measures the use of the broker's resources in the steps of a redline, as the analysis does.

import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import { resourceUse, surroundingsOf } from '../../analyzer/verdict/limits/resource-use.ts';
import { measureStep } from '../../analyzer/verdict/steps/measured-step.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { followsTraffic } from '../../core/resource.ts';
import type { MeasuredUse } from '../../ops/redline/next-limit.ts';

/**
 * @param maxNicShare of the permission, which may be lower than the policy
 * @param growthOf share of a use that grows with the rate of the broker
 * @returns one for each resource that follows traffic, without void steps
 */
export async function measuredUses(
  bundle: string,
  { policy, maxNicShare, growthOf }: { policy: Policy; maxNicShare: number; growthOf(resource: string): number },
  { signal }: { signal: AbortSignal },
): Promise<MeasuredUse[]> {
  const settleSeconds = policy.step.settleSeconds.value;
  const imported = await importRun(bundle, { settleSeconds, signal });
  if (imported.origin !== 'load-test') return [];
  const { run } = imported;
  const steps = run.steps.filter(({ isDiscarded }) => isDiscarded !== true);
  const measured = steps.map((step) => measureStep(run, step, settleSeconds));
  const { uses } = resourceUse(measured, surroundingsOf(run), policy);
  return uses
    .filter(({ resource }) => followsTraffic(resource))
    .map(({ resource, node, capacity, policyLimit, uses: ofSteps }) => ({
      resource,
      node,
      policyLimit: resource.startsWith('network-') ? Math.min(policyLimit, maxNicShare) : policyLimit,
      growth: growthOf(resource),
      points: ofSteps.flatMap((use, index) => {
        const ledTps = measured[index]?.tps;
        if (use === undefined || ledTps === undefined) return [];
        return [{ ledTps, mean: use.mean / capacity.value, p99: use.p99 / capacity.value }];
      }),
    }));
}
