// Lists reasons to doubt a maximum from production; each reduces it to the observed throughput.

import type { Finding, SafeMaxTps } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { leastSquares } from '../../core/statistics/regression.ts';
import { mean, studentT } from '../../core/statistics/statistics.ts';
import { reachedTps } from '../verdict/limits/ceilings.ts';
import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { leastVariation, type Chosen } from './chosen-regime.ts';
import type { Confounded } from './other-load.ts';
import { followsLoad } from './regimes.ts';

interface Circumstances {
  unmapped: readonly string[];
  chosen: Chosen;
  confounded: readonly Confounded[];
}

/** @returns brokers whose host is unknown or not monitored; `cluster` if no broker is known */
export function unmappedBrokers({ document, hosts }: LoadTestRun): string[] {
  const { brokers } = document.environment;
  if (brokers.length === 0) return ['cluster'];
  return brokers.filter(({ host }) => host === undefined || !hosts.has(host)).map(({ id }) => id);
}

export function doubtsOf(
  evidence: Evidence,
  claimed: SafeMaxTps,
  { unmapped, chosen: { isEnough, variation }, confounded }: Circumstances,
): Finding[] {
  return [
    ...(unmapped.length > 0 ? [findingOf('host-unmapped', { brokers: unmapped })] : []),
    ...(isEnough ? [] : [findingOf('traffic-too-steady', { variation, leastVariation })]),
    ...confounded.map((each) => findingOf('other-load-with-traffic', each)),
    ...unexplained(evidence, claimed),
  ];
}

/** Finds use that follows no law of the traffic, and would exceed its limit if it grew as fast as the levels allow. */
function unexplained(evidence: Evidence, claimed: SafeMaxTps): Finding[] {
  if (claimed.kind !== 'predicted' && claimed.kind !== 'confirmed') return [];
  return evidence.resources
    .filter(({ safe, resource }) => safe === undefined && followsLoad({ resource }))
    .flatMap(({ uses, capacity, policyLimit, resource, node }) => {
      const highest = Math.max(0, ...uses.map((use) => use?.p99 ?? 0));
      const share = highest / capacity.value;
      const expected = (highest + growthTo(claimed.tps, uses, evidence)) / capacity.value;
      return expected > policyLimit ? [findingOf('use-unexplained', { resource, node, share, expected })] : [];
    });
}

/**
 * Upper bound of the growth of use from the highest traffic level to a rate, with 97.5% confidence. Use without growth over the
 * levels belongs to other work, or to threads that run without traffic, and is not extrapolated.
 *
 * @returns in the unit of the capacity; with too few levels for a line, attributes all use to the traffic
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
