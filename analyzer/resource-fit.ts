// At which rate would each resource reach its policy limit, and at which would it be full?

import type { Finding } from '../core/analysis.ts';
import type { Policy } from './policy/policy.ts';
import { nodeText } from './quantity-text.ts';
import { fitLine, invert, type Crossing, type Fit, type Point } from './regression.ts';
import type { ResourceUse } from './resource-use.ts';
import type { JudgedStep } from './step-verdict.ts';

export interface FittedResource extends ResourceUse {
  /** Of the mean; absent under three sustained steps. */
  fit?: Fit;
  /** Where the p99 of one-second samples reaches the policy limit. */
  safe?: Crossing;
  /** Where the mean reaches the capacity. */
  saturation?: Crossing;
}

/** Below this p a slope is real. */
const significance = 0.05;
/** Rates this many times beyond the highest step are not looked at: no policy lets a line speak so far. */
const horizon = 1000;

/** Lines go through sustained steps only: past the limit more is asked than is carried. */
export function fitResource(
  use: ResourceUse,
  steps: readonly JudgedStep[],
  policy: Policy,
): { fitted: FittedResource; findings: Finding[] } {
  const points = (pick: 'mean' | 'p99'): Point[] =>
    steps.flatMap(({ verdict, step }, index) => {
      const y = use.uses[index]?.[pick];
      return verdict.kind === 'sustained' && y !== undefined
        ? [{ x: step.tps, y, requests: step.requestsPerSecond }]
        : [];
    });
  const means = points('mean');
  const fit = fitLine(means);
  if (fit === undefined) return { fitted: use, findings: [] };
  const doubt = doubtOf(fit, policy.fit.minimumR2.value);
  if (doubt !== undefined) return { fitted: { ...use, fit }, findings: [poorFit(use, fit, doubt, policy)] };
  const confidence = policy.fit.confidence.value;
  const furthest = horizon * Math.max(...means.map(({ x }) => x));
  const limit = use.policyLimit * use.capacity.value;
  const saturation = invert(fit, use.capacity.value, confidence, furthest);
  const ofMean = invert(fit, limit, confidence, furthest);
  const peaks = fitLine(points('p99'));
  const ofPeaks = peaks && invert(peaks, limit, confidence, furthest);
  // No sample set has a p99 below its mean: where noise bends the line of the peaks down, the mean is the bound.
  const safe = ofPeaks && ofMean ? earlier(ofPeaks, ofMean) : (ofPeaks ?? ofMean);
  return {
    fitted: { ...use, fit, ...(safe && { safe }), ...(saturation && { saturation }) },
    findings: batchFinding(use, fit),
  };
}

function earlier(a: Crossing, b: Crossing): Crossing {
  const high = Math.min(a.high ?? Number.POSITIVE_INFINITY, b.high ?? Number.POSITIVE_INFINITY);
  return { value: Math.min(a.value, b.value), low: Math.min(a.low, b.low), ...(Number.isFinite(high) && { high }) };
}

function doubtOf(fit: Fit, minimumR2: number): string | undefined {
  if (!(fit.slopePerMessage > 0)) return 'it does not grow with load';
  if (fit.slopeProbability >= significance) return 'it does not surely grow with load';
  return fit.r2 < minimumR2 ? `only ${Math.round(fit.r2 * 100)} % of what moved it was load` : undefined;
}

function poorFit(use: ResourceUse, fit: Fit, doubt: string, policy: Policy): Finding {
  return {
    severity: 'info',
    code: 'poor-fit',
    message: `No limit is estimated from ${use.resource} of ${nodeText(use.node)}: ${doubt} over ${fit.points} sustained steps.`,
    evidence: [
      { name: 'r2', value: fit.r2, unit: 'ratio', source: 'least squares over the sustained steps' },
      { name: 'minimum r2', value: policy.fit.minimumR2.value, unit: 'ratio', source: policy.fit.minimumR2.source },
    ],
  };
}

function batchFinding(use: ResourceUse, fit: Fit): Finding[] {
  if (fit.slopePerRequest === undefined) return [];
  return [
    {
      severity: 'info',
      code: 'batches-grow',
      message: `Batches grew with load, so ${use.resource} of ${nodeText(use.node)} is fitted to messages and requests. Beyond the highest step batches are taken to grow no further.`,
      evidence: [
        { name: 'per message', value: fit.slopePerMessage, unit: use.capacity.unit, source: 'least squares' },
        { name: 'per request', value: fit.slopePerRequest, unit: use.capacity.unit, source: 'least squares' },
      ],
    },
  ];
}
