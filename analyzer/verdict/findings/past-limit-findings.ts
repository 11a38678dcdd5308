// Explains why no sustained step is safe: a limit was already exceeded at the lowest rate.

import type { Finding, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { brokersOf, isOf, safeCeilings } from '../limits/ceilings.ts';
import type { Evidence } from '../evidence.ts';
import type { FittedResource } from '../fit/resource-fit.ts';

export function pastLimitFindings(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind === 'confirmed' || safe.kind === 'predicted') return [];
  const never = safeCeilings(evidence).filter(({ value }) => value === 0);
  return brokersOf(evidence.resources)
    .filter((resource) => never.some(({ limit }) => isOf(limit, resource)))
    .flatMap((resource) => pastLimit(resource, evidence));
}

function pastLimit({ resource, node, uses, capacity, policyLimit, isShared }: FittedResource, evidence: Evidence) {
  const peaks = evidence.steps.flatMap(({ verdict, step }, index) => {
    const use = uses[index];
    return use && verdict.kind === 'sustained' ? [{ tps: step.tps, share: use.p99 / capacity.value }] : [];
  });
  const [lowest] = peaks.toSorted((a, b) => a.tps - b.tps);
  if (lowest === undefined) return [];
  const { tps, share } = lowest;
  const limit = { value: policyLimit, source: evidence.policy.limits[resource].source };
  return [findingOf('past-limit-from-the-start', { resource, node, tps, share, limit, isShared })];
}
