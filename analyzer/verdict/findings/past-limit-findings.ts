// Explains why no sustained step is safe: a limit was already exceeded at the lowest rate.

import type { Finding, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { brokersOf, safeCeilings } from '../limits/ceilings.ts';
import type { Evidence } from '../evidence.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { nodeText, percentText, rateText } from '../../../core/text/quantity-text.ts';
import type { FittedResource } from '../fit/resource-fit.ts';

export function pastLimitFindings(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind === 'confirmed' || safe.kind === 'predicted') return [];
  const never = safeCeilings(evidence).filter(({ value }) => value === 0);
  return brokersOf(evidence.resources)
    .filter(({ resource, node }) =>
      never.some(({ limit }) => 'resource' in limit && limit.resource === resource && limit.node === node),
    )
    .flatMap((resource) => pastLimit(resource, evidence));
}

function pastLimit({ resource, node, uses, capacity, policyLimit, isShared }: FittedResource, evidence: Evidence) {
  const peaks = evidence.steps.flatMap(({ verdict, step }, index) => {
    const use = uses[index];
    return use && verdict.kind === 'sustained' ? [{ tps: step.tps, share: use.p99 / capacity.value }] : [];
  });
  const [lowest] = peaks.toSorted((a, b) => a.tps - b.tps);
  if (lowest === undefined) return [];
  const others = isShared
    ? 'The load generator works on these cores, too: let it run elsewhere'
    : 'If something other than this load uses it, such as an unknown load generator, move it away and test again';
  return [
    {
      severity: 'warning',
      code: 'past-limit-from-the-start',
      message: `At ${rateText(lowest.tps)}, the lowest achieved rate, ${limitText({ resource, node })} was at ${percentText(lowest.share)} in its busiest seconds, above the policy limit of ${percentText(policyLimit)}, so no rate of this test is safe. ${others}.`,
      evidence: [
        { name: 'p99 of seconds', value: lowest.share, unit: 'ratio', source: `readings of ${nodeText(node)}` },
        { name: 'policy limit', value: policyLimit, unit: 'ratio', source: evidence.policy.limits[resource].source },
      ],
    } satisfies Finding,
  ];
}
