// Fits the use of each resource against load: where it reaches its policy limit, and where it is saturated.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { FitDoubt } from '../../../core/documents/findings/fit-findings.ts';
import { drawCrossings, ownCrossings, type Drawn } from './bootstrap.ts';
import { crossingOf, drawCount, type Crossing } from './crossing.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { explainedCeiling, isFull, reachedTps } from '../limits/ceilings.ts';
import { isSaturatedCard, type ResourceUse } from '../limits/resource-use.ts';
import {
  peakOf,
  pooledOutliers,
  secondSpread,
  surePeakOf,
  type OutlierSeconds,
  type SecondSpread,
} from '../steps/second-spread.ts';
import { quotaCrossing } from '../limits/quota-crossing.ts';
import { seededRandom } from '../../../core/statistics/seeded-random.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import { fitUse, type FittedLaw, type UseLaw } from './use-law.ts';

export interface FittedResource extends ResourceUse {
  /** Law of the mean; absent below three sustained steps. */
  law?: UseLaw;
  /** Rate at which the p99 of one-second samples reaches the policy limit; absent if the resource was saturated at a lower rate. */
  safe?: Crossing;
  /** The p99 of the seconds over the mean of their step, minus one. */
  peak?: number;
  /** An upper bound of the p99 per step, absent for steps outside any fit. */
  surePeaks?: readonly (number | undefined)[];
  /** Rate at which the mean reaches the capacity. */
  saturation?: Crossing;
  /** Share of the use at the highest step that disappears at saturation; `saturation` assumes most of it. */
  spared?: number;
}

/** Inputs that every fit shares. */
export interface FitContext {
  steps: readonly JudgedStep[];
  policy: Policy;
}

interface FitWork {
  use: ResourceUse;
  law?: UseLaw;
  drawn?: Drawn;
  surePeaks?: readonly (number | undefined)[];
  findings: Finding[];
}

/** Highest p-value of a significant slope. */
const significance = 0.05;
/** Longer steps are divided into this many slots, from which blocks are drawn. */
const mostSlots = 300;

/** Laws are fitted to sustained steps only, because beyond the limit the target rate exceeds the throughput. */
export function fitResources(uses: readonly ResourceUse[], context: FitContext) {
  const { steps, policy } = context;
  const evidence = { steps, resources: uses, policy };
  const explained = explainedCeiling(evidence);
  const reached = reachedTps(evidence);
  const slots = steps.map(({ step: { window } }) =>
    Math.min(mostSlots, Math.max(0, Math.ceil(window.to - window.from))),
  );
  const spreads = uses.map((use) => spreadOf(use, steps, slots));
  const kinds = Map.groupBy(spreads, (_, index) => (uses[index] as ResourceUse).resource);
  const pools = new Map(
    [...kinds].map(([resource, own]) => [resource, pooledOutliers(own.map(({ spread }) => spread.far))]),
  );
  const works = uses.map((use, index) => {
    const { spread, places } = spreads[index] as (typeof spreads)[number];
    return fitOne(use, { spread, places, far: pools.get(use.resource) as OutlierSeconds }, context);
  });
  const drawn = works.flatMap((work) => (work.drawn ? [work.drawn] : []));
  const run = { steps: steps.length, slots, reached, doubtFrom: policy.extrapolation.flagged.value, draws: drawCount };
  const draws = drawCrossings(drawn, run, seededRandom(seedOf(steps)));
  const confidence = policy.fit.confidence.value;
  const fits = works.map(
    ({ use: bare, law, drawn: subject, surePeaks, findings }): { fitted: FittedResource; findings: Finding[] } => {
      const use = { ...bare, ...defined({ surePeaks }) };
      if (use.kind === 'configured') return { fitted: withQuota(use, context), findings: [] };
      const own = subject && draws[drawn.indexOf(subject)];
      if (law === undefined || subject === undefined || own === undefined)
        return { fitted: { ...use, ...defined({ law }) }, findings };
      const { peak, full } = ownCrossings(law, subject);
      const crossing = (value: number, low: Float64Array, high: Float64Array) =>
        Number.isFinite(value) ? crossingOf(value, { low, high }, confidence) : undefined;
      const safe = crossing(peak, own.peak, own.withoutScatter);
      const saturation = crossing(full, own.full, own.full);
      const { spread, far, overhead: spared } = subject;
      // Saturated below the rate that its law calls safe, such as threads that wait for a stalled disk, so the law is wrong.
      const isContradicted = isFull(use, explained) && (safe?.value ?? 0) > (explained?.value ?? 0);
      const ends = !isContradicted && defined({ spared, safe, saturation });
      return { fitted: { ...use, law, peak: peakOf(spread, far), ...ends }, findings };
    },
  );
  return { resources: fits.map(({ fitted }) => fitted), findings: fits.flatMap((each) => each.findings) };
}

/** A quota is computed from its bytes per message, even if the seconds were uneven. */
function withQuota(use: ResourceUse, { steps, policy }: FitContext): FittedResource {
  const safe = quotaCrossing(use, steps, use.policyLimit, policy);
  const saturation = quotaCrossing(use, steps, 1, policy);
  return { ...use, ...defined({ safe, saturation }) };
}

/** Seed from the measurements, so that neither the name of a run nor the order of its files changes the result. */
function seedOf(steps: readonly JudgedStep[]): string {
  return steps.map(({ step }) => `${step.tps.toPrecision(6)} ${step.window.from.toFixed(1)}`).join();
}

type Spread = Pick<Drawn, 'spread' | 'places'>;

function spreadOf(use: ResourceUse, steps: readonly JudgedStep[], slots: readonly number[]): Spread {
  const places = steps.flatMap(({ verdict }, index) =>
    verdict.kind === 'sustained' && use.uses[index] && !isSaturatedCard(use, index) ? [index] : [],
  );
  const firstSlots = slots.map((_, index) => slots.slice(0, index).reduce((sum, count) => sum + count, 0));
  const spread = secondSpread(
    places.map((place) => {
      const { window } = (steps[place] as JudgedStep).step;
      const count = slots[place] as number;
      return {
        use: use.uses[place] as NonNullable<ResourceUse['uses'][number]>,
        firstSlot: firstSlots[place] as number,
        slots: count,
        slotSeconds: (window.to - window.from) / count,
      };
    }),
  );
  return { spread, places };
}

function fitOne(
  use: ResourceUse,
  { spread, places, far }: Spread & Pick<Drawn, 'far'>,
  { steps, policy }: FitContext,
): FitWork {
  const fitted = fitUse(
    places.map((place, k) => {
      const { tps, requestsPerSecond } = (steps[place] as JudgedStep).step;
      return { x: tps, y: spread.means[k] as number, requests: requestsPerSecond };
    }),
    use.resource === 'cpu' ? { capacity: use.capacity.value, meanVariance: spread.meanVariance } : undefined,
  );
  const surest = (1 + surePeakOf(spread, far)) * (1 + 2 * Math.sqrt(spread.meanVariance));
  const surePeaks = steps.map((_, place) => {
    const mean = spread.means[places.indexOf(place)];
    return mean === undefined ? undefined : mean * surest;
  });
  if (fitted === undefined) return { use, surePeaks, findings: [] };
  const { law, likely } = fitted;
  const overhead = overheadOf(use, places, steps);
  const rates = places.map((place) => (steps[place] as JudgedStep).step.tps);
  const doubt = doubtOf(fitted, policy.fit.minimumR2.value, risesThroughout(rates, spread));
  if (doubt !== undefined) return { use, law, surePeaks, findings: [poorFit(use, law, doubt, policy)] };
  const drawn: Drawn = {
    resource: use.resource,
    likely,
    places,
    spread,
    far,
    limit: use.policyLimit * use.capacity.value,
    capacity: use.capacity.value,
    ...defined({ overhead }),
    doubtBeyond: policy.extrapolation.doubt[use.kind].value,
  };
  return {
    use,
    law,
    drawn,
    surePeaks,
    findings: [
      ...batchFinding(use, law),
      ...curveFinding(use, fitted),
      ...coreFinding(use, fitted),
      ...outlierFinding(use, spread),
    ],
  };
}

/** Overhead of the highest step, because low rates leave more segments partly empty. */
function overheadOf(
  { overhead }: ResourceUse,
  places: readonly number[],
  steps: readonly JudgedStep[],
): number | undefined {
  const rateOf = (place: number) => (steps[place] as JudgedStep).step.tps;
  const [highest] = places.toSorted((a, b) => rateOf(b) - rateOf(a));
  return highest === undefined ? undefined : overhead?.[highest];
}

function doubtOf({ law, line }: FittedLaw, minimumR2: number, isRising: boolean): FitDoubt | undefined {
  if (!((line.coefficients[1] as number) > 0)) return 'no-growth';
  if (line.slopeProbability >= significance && !isRising) return 'growth-not-significant';
  return law.r2 < minimumR2 ? 'low-r2' : undefined;
}

/** Least rise between consecutive steps, in standard errors. */
const clearRise = 3;

/**
 * Three steps leave a line one degree of freedom, so slight curvature hides a slope that the seconds clearly show: use
 * that rises clearly from each step to the next grows with load. The deviation of the steps from the line still widens
 * the interval.
 */
function risesThroughout(rates: readonly number[], { means, meanVariance }: SecondSpread): boolean {
  const ordered = rates.map((rate, k) => ({ rate, use: means[k] as number })).toSorted((a, b) => a.rate - b.rate);
  return ordered.slice(1).every(({ use }, k) => {
    const before = (ordered[k] as (typeof ordered)[number]).use;
    return use - before > clearRise * Math.sqrt(meanVariance * (use ** 2 + before ** 2));
  });
}

function poorFit({ resource, node }: ResourceUse, { points, r2 }: UseLaw, doubt: FitDoubt, policy: Policy): Finding {
  return findingOf('poor-fit', { resource, node, doubt, points, r2, minimumR2: policy.fit.minimumR2 });
}

function batchFinding({ resource, node, capacity: { unit } }: ResourceUse, law: UseLaw): Finding[] {
  if (law.model !== 'batches') return [];
  const [, perMessage = 0, perRequest = 0] = law.coefficients;
  return [findingOf('batches-grow', { resource, node, perMessage, perRequest, unit })];
}

function curveFinding({ resource, node }: ResourceUse, { law, line }: FittedLaw): Finding[] {
  if (law.model !== 'convex') return [];
  const errors = { curveError: law.holdOutError, lineError: line.holdOutError };
  return [findingOf('convex-use', { resource, node, law: 'curve', ...errors })];
}

/** Reports only if all laws that cannot be ruled out agree that a message costs more on busy cores. */
function coreFinding({ resource, node }: ResourceUse, { law, likely }: FittedLaw): Finding[] {
  if (law.model !== 'cores') return [];
  const all = likely.flatMap((each) => (each.law.model === 'cores' ? [each.law.k] : []));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return most >= 0 ? [] : [findingOf('convex-use', { resource, node, law: 'cores', surcharges: [least, law.k, most] })];
}

function outlierFinding({ resource, node }: ResourceUse, { setAside }: SecondSpread): Finding[] {
  return setAside === 0 ? [] : [findingOf('seconds-set-aside', { resource, node, seconds: setAside })];
}
