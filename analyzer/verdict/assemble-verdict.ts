// Assembles the verdict document of a load test, of production and of written figures from their results.

import { defined } from '../../core/defined.ts';
import {
  analysisSchemaVersion,
  type AnalysedResource,
  type Analysis,
  type Loss,
  type SafeMaxTps,
  type SaturationTps,
} from '../../core/documents/analysis.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { bySeverity } from '../../core/severity.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Ceiling, Evidence, FirstCeiling } from './evidence.ts';
import type { Crossing } from './fit/crossing.ts';
import type { FittedResource } from './fit/resource-fit.ts';
import { fitOf } from './fit/use-law.ts';
import { isSameLimit, isWithinReach, reachedTps, safeCeilings, saturationCeilings } from './limits/ceilings.ts';
import { firstCeilingOf } from './limits/first-ceiling.ts';
import { utilisation } from './limits/resource-use.ts';
import { unpredictedLosses, predictLosses } from './placement/predicted-losses.ts';
import { nextCeiling, firstSafeCeiling } from './safe-max.ts';

type Required = 'run' | 'steps' | 'resources' | 'perBroker' | 'safeMaxTps' | 'saturationTps' | 'findings';

/** Unknown parts may be undefined or an empty list; the document omits them. */
export type VerdictParts = Pick<Analysis, Required> & {
  [Key in Exclude<keyof Analysis, Required | 'schemaVersion'>]?: Analysis[Key] | undefined;
};

export function assembleVerdict(parts: VerdictParts): Analysis {
  const { run, steps, resources, perBroker, safeMaxTps, saturationTps, findings, ...optional } = parts;
  const known = Object.entries(optional).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return {
    schemaVersion: analysisSchemaVersion,
    run,
    steps,
    resources,
    perBroker,
    safeMaxTps,
    saturationTps,
    ...(Object.fromEntries(known) as Partial<Analysis>),
    findings: findings.toSorted(bySeverity),
  };
}

/** For figures without a rate or without traffic, which cannot be judged. */
export function unknownVerdict(
  run: Analysis['run'],
  missing: Extract<Analysis['safeMaxTps'], { kind: 'unknown' }>['missing'],
  findings: Analysis['findings'],
): Analysis {
  const unknown = { kind: 'unknown' as const, missing };
  return assembleVerdict({
    run,
    steps: [],
    resources: [],
    perBroker: [],
    safeMaxTps: unknown,
    saturationTps: unknown,
    findings,
  });
}

export function analysedResources({ resources, steps, unknown, policy }: Evidence): AnalysedResource[] {
  const highest = steps.reduce((best, { step }, index) => (step.tps > (steps[best]?.step.tps ?? 0) ? index : best), 0);
  return [
    ...resources.map((resource) => analysedResource(resource, steps.length, highest)),
    ...unknown.map(({ resource, node }) => ({ resource, node, policyLimit: policy.limits[resource].value })),
  ];
}

function analysedResource(resource: FittedResource, steps: number, highest: number): AnalysedResource {
  const { capacity, policyLimit, law, safe, saturation, node } = resource;
  const shares = Array.from({ length: steps }, (_, index) => utilisation(resource, index));
  const perStep = shares.filter((share) => share !== undefined);
  return {
    resource: resource.resource,
    node,
    capacity,
    policyLimit,
    ...(law && { fit: fitOf(law) }),
    // A list with gaps would shift the following steps.
    ...(perStep.length === steps && { utilisationPerStep: perStep }),
    ...defined({ utilisationAtHighestStep: shares[highest] }),
    ...(safe && { safeTps: estimate(safe) }),
    ...(saturation && { saturationTps: estimate(saturation) }),
  };
}

const estimate = ({ value, low, high }: Crossing) => defined({ value, low, high });

/**
 * Like the cluster's numbers: the lower end of the first limit among a broker's resources, the estimate of its
 * saturation, and none beyond the tested range. A broker whose limit is that of the cluster has the same numbers, and a
 * rate that is safe for the cluster is safe for each broker.
 *
 * @param isTrusted whether the cluster has a number; if in doubt, its brokers have none
 */
export function analysedBrokers(
  run: LoadTestRun,
  evidence: Evidence,
  { safeMaxTps, saturationTps }: Pick<Analysis, 'safeMaxTps' | 'saturationTps'>,
  isTrusted: boolean,
): Analysis['perBroker'] {
  const { policy } = evidence;
  const reached = reachedTps(evidence);
  const first = (ceilings: readonly Ceiling[], by: 'low' | 'value') => {
    const found = isTrusted ? firstCeilingOf(ceilings, policy) : undefined;
    return found && isWithinReach({ ...found, value: found[by] }, reached, policy) ? found : undefined;
  };
  const isSame = (found: Ceiling, verdict: SafeMaxTps | SaturationTps) =>
    'limitedBy' in verdict && isSameLimit(found.limit, verdict.limitedBy);
  const safeLimits = safeCeilings(evidence);
  const saturationLimits = saturationCeilings(evidence);
  const provenTps = safeTpsOf(safeMaxTps) ?? 0;
  return run.document.environment.brokers.map(({ id, host }) => {
    const isOwn = ({ limit }: Ceiling) => 'resource' in limit && (limit.node === id || limit.node === host);
    const safe = first(safeLimits.filter(isOwn), 'low');
    const saturation = first(saturationLimits.filter(isOwn), 'value');
    return {
      broker: id,
      ...(host !== undefined && { host }),
      ...(safe && {
        safeTps: isSame(safe, safeMaxTps) ? provenTps : Math.max(safe.low, provenTps),
        limitedBy: safe.limit,
      }),
      ...(saturation && {
        saturationTps:
          'estimateTps' in saturationTps && isSame(saturation, saturationTps)
            ? saturationTps.estimateTps
            : saturation.value,
      }),
    };
  });
}

/**
 * Confidence of the first limit, the next limit, the range of the result, and the remainder after a loss. Only with a
 * result, since an unknown rate has no next limit.
 *
 * @param limitLoss applies limits other than those of the brokers
 * @param reached highest sustained rate
 */
export function outlookOf(
  run: LoadTestRun,
  evidence: Evidence,
  safe: Analysis['safeMaxTps'],
  limitLoss: (loss: Loss) => Loss,
  reached = reachedTps(evidence),
) {
  const tested = testedTps(evidence);
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') {
    return { ...(tested && { testedTps: tested }), ...lossOutlook(lossesBelowLimit(run, evidence, safe), limitLoss) };
  }
  const binding = firstSafeCeiling(evidence);
  const next = nextCeiling(evidence, safe.limitedBy);
  const factor = reached > 0 ? safe.estimateTps / reached : 0;
  const { fit, extrapolation } = evidence.policy;
  const intervalOf = ({ low, high }: Crossing) => defined({ low, high, confidence: fit.confidence.value });
  return {
    ...(binding && { binding: bindingOf(safe, binding) }),
    ...(next && { nextCeiling: { limitedBy: next.limit, estimateTps: next.value, interval: intervalOf(next) } }),
    ...(tested && { testedTps: tested }),
    ...(factor > extrapolation.flagged.value && { extrapolated: { factor } }),
    ...lossOutlook(predictLosses(run, evidence), limitLoss),
  };
}

/**
 * Returns how often each limit came first in the draws; a limit without a resource law, of a group or of a search, is
 * the only one.
 */
export function bindingOf(
  safe: Analysis['safeMaxTps'],
  { shares }: Pick<FirstCeiling, 'shares'>,
): NonNullable<Analysis['binding']> {
  const limit = safe.kind === 'confirmed' || safe.kind === 'predicted' ? safe.limitedBy : undefined;
  if (limit !== undefined && !shares.some((each) => isSameLimit(each.limit, limit))) {
    return [{ limitedBy: limit, probability: 1 }];
  }
  return shares.map(({ limit: limitedBy, probability }) => ({ limitedBy, probability }));
}

const lossOutlook = ({ losses, unknown }: ReturnType<typeof predictLosses>, limitLoss: (loss: Loss) => Loss) => ({
  ...(losses.length > 0 && { withoutOne: losses.map(limitLoss) }),
  ...(unknown.length > 0 && { withoutOneUnknown: unknown }),
});

/** Doubtful laws predict neither losses nor the next limit. */
export const inDoubt = (safe: SafeMaxTps): SafeMaxTps =>
  safe.kind === 'unknown' ? safe : { kind: 'at-least', tps: safe.tps, reason: 'figures-in-doubt' };

type AtLeast = Extract<Analysis['safeMaxTps'], { kind: 'at-least' }>;

/**
 * Missing input for predicting a loss; undefined: the resource laws apply, since no limit of the whole cluster was
 * close enough.
 */
const missingForLosses: Readonly<Record<AtLeast['reason'], string | undefined>> = {
  'no-limit-reached': undefined,
  'held-too-briefly': undefined,
  'limit-cause-unknown': 'known cause of the limit',
  'generator-limited': 'rate above the limit of the load generator',
  aborted: 'load test up to a limit of the cluster',
  'figures-in-doubt': 'rate that is not in doubt',
  'garbage-collection': 'rate with fewer pauses for garbage collection',
};

/** With one broker less, the limit is lower, and may be within reach of the steps although that of the whole cluster is not. */
function lossesBelowLimit(
  run: LoadTestRun,
  evidence: Evidence,
  safe: Analysis['safeMaxTps'],
): ReturnType<typeof predictLosses> {
  if (safe.kind !== 'at-least') return { losses: [], unknown: [] };
  const what = missingForLosses[safe.reason];
  return what === undefined ? predictLosses(run, evidence) : { losses: [], unknown: unpredictedLosses(run, what) };
}

/** Range of the steps that laws are fitted to, including the step that reached the limit, or at which the guard stopped. */
function testedTps({ steps }: Evidence): { low: number; high: number } | undefined {
  const rates = steps.flatMap(({ step, verdict }) =>
    'reason' in verdict && verdict.reason !== 'guard-stopped' ? [] : [step.tps],
  );
  return rates.length > 0 ? { low: Math.min(...rates), high: Math.max(...rates) } : undefined;
}
