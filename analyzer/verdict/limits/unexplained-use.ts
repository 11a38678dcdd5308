// Finds use that follows no law of the load, and may exceed its limit below a predicted maximum.

import type { Finding, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { leastSquares } from '../../../core/statistics/regression.ts';
import { mean, studentT } from '../../../core/statistics/statistics.ts';
import { followsTraffic } from '../../../core/resource.ts';
import type { Evidence } from '../evidence.ts';
import { brokersOf, isOf, reachedTps, safeCeilings } from './ceilings.ts';
import { peakShare, type ResourceUse } from './resource-use.ts';

/** For a load test. Cores that the generator shares set no limit, and use above the policy that set none was temporary. */
export function unexplainedInTest(evidence: Evidence, claimed: SafeMaxTps): Finding[] {
  const known = safeCeilings(evidence);
  const resources = brokersOf(evidence.resources)
    .filter((use) => !use.isShared && !known.some(({ limit }) => isOf(limit, use)))
    .map((use) => ({
      ...use,
      uses: use.uses.map((each, step) => ((peakShare(use, step) ?? 0) > use.policyLimit ? undefined : each)),
    }));
  return unexplainedUse({ ...evidence, resources }, claimed);
}

/**
 * @param evidence with the resources to check, of which those with a law are explained
 * @returns findings about resources that would exceed their limit if they grew as fast as the steps allow
 */
export function unexplainedUse(evidence: Evidence, claimed: SafeMaxTps): Finding[] {
  if (claimed.kind !== 'predicted' && claimed.kind !== 'confirmed') return [];
  const isSustained = evidence.steps.map(({ verdict }) => verdict.kind === 'sustained');
  return (
    evidence.resources
      // The wait in a send queue is no use of a capacity.
      .filter(({ safe, resource }) => safe === undefined && followsTraffic(resource) && resource !== 'send-queue')
      .flatMap(({ uses: all, capacity, policyLimit, resource, node }) => {
        const uses = all.map((use, step) => (isSustained[step] === true ? use : undefined));
        const highest = Math.max(0, ...uses.map((use) => use?.p99 ?? 0));
        const share = highest / capacity.value;
        const expected = (highest + growthTo(claimed.tps, uses, evidence)) / capacity.value;
        return expected > policyLimit ? [findingOf('use-unexplained', { resource, node, share, expected })] : [];
      })
  );
}

/**
 * Upper bound of the growth of use from the highest rate of the steps to another, with 97.5% confidence. Use without growth over the
 * steps belongs to other work, or to threads that run without traffic, and is not extrapolated.
 *
 * @returns in the unit of the capacity; with too few steps for a line, attributes all use to the traffic
 */
function growthTo(tps: number, uses: ResourceUse['uses'], evidence: Evidence): number {
  const reached = reachedTps(evidence);
  const points = uses.flatMap((use, level) =>
    use === undefined ? [] : [{ x: evidence.steps[level]?.step.tps ?? 0, y: use.mean }],
  );
  const rates = points.map(({ x }) => x);
  const line = leastSquares(
    points.map(({ y }) => y),
    [rates],
  );
  const more = Math.max(0, tps - reached);
  if (line === undefined) return Math.max(0, ...points.map(({ y }) => y)) * (more / reached);
  const middle = mean(rates);
  const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - middle) ** 2, 0));
  const error = Math.sqrt(line.sse / line.degreesOfFreedom) / spread;
  const steepest = (line.coefficients[1] as number) + studentT(0.95, line.degreesOfFreedom) * error;
  return Math.max(0, steepest) * more;
}
