// How are levels of traffic told in the shape that steps of a load test are told in?

import type { AnalysedResource, AnalysedStep, Analysis } from '../../core/documents/analysis.ts';
import type { Crossing } from '../verdict/fit/crossing.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { utilisation } from '../verdict/limits/resource-use.ts';
import { bindingOf, isWithinReach, safeCeilings, saturationCeilings } from '../verdict/limits/ceilings.ts';
import { reachedTps } from '../verdict/limits/driven-limit.ts';
import type { Ceiling, Evidence } from '../verdict/evidence.ts';
import type { JudgedStep } from '../verdict/steps/step-verdict.ts';
import { fitOf } from '../verdict/fit/use-law.ts';

export function analysedLevels(steps: readonly JudgedStep[]): AnalysedStep[] {
  return steps.map(({ step, verdict }) => ({ achievedTps: step.tps, verdict }));
}

export function analysedResources({ resources, steps, unknown, policy }: Evidence): AnalysedResource[] {
  const measured = resources.map((resource): AnalysedResource => {
    const { capacity, policyLimit, law, safe, saturation, node } = resource;
    const shares = steps.map((_, index) => utilisation(resource, index));
    const known = shares.filter((share) => share !== undefined);
    const atHighest = shares.at(-1);
    return {
      resource: resource.resource,
      node,
      capacity,
      policyLimit,
      ...(law && { fit: fitOf(law) }),
      ...(known.length === steps.length && { utilisationPerStep: known }),
      ...(atHighest !== undefined && { utilisationAtHighestStep: atHighest }),
      ...(safe && { safeTps: estimate(safe) }),
      ...(saturation && { saturationTps: estimate(saturation) }),
    };
  });
  return [
    ...measured,
    ...unknown.map(({ resource, node }) => ({ resource, node, policyLimit: policy.limits[resource].value })),
  ];
}

function estimate({ value, low, high }: Crossing) {
  return { value, low, ...(high !== undefined && { high }) };
}

/** @param isTrusted whether the cluster itself has a number: in doubt its brokers have none */
export function analysedBrokers(run: LoadTestRun, evidence: Evidence, isTrusted: boolean): Analysis['perBroker'] {
  return run.document.environment.brokers.map(({ id, host }) => {
    const resources = evidence.resources.filter(({ node }) => node === id || node === host);
    const own = { ...evidence, resources };
    const first = (ceilings: readonly Ceiling[], by: 'low' | 'value') => {
      const found = isTrusted ? bindingOf(ceilings, evidence.policy) : undefined;
      return found && isWithinReach({ ...found, value: found[by] }, reachedTps(evidence), evidence.policy)
        ? found
        : undefined;
    };
    const safe = first(safeCeilings(own), 'low');
    const full = first(saturationCeilings(own), 'value');
    return {
      broker: id,
      ...(host !== undefined && { host }),
      ...(safe && { safeTps: safe.low, limitedBy: safe.limit }),
      ...(full && { saturationTps: full.low }),
    };
  });
}
