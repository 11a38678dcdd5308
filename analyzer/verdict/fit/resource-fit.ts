// Fits the use of each resource against load: where it reaches its policy limit, and where it is full.

import type { Finding } from '../../../core/documents/analysis.ts';
import { drawCrossings, ownCrossings, type Drawn } from './bootstrap.ts';
import { crossingOf, drawCount, type Crossing } from './crossing.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { nodeText, percentText } from '../../../core/text/quantity-text.ts';
import { reachedTps } from '../limits/ceilings.ts';
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
  /** Of the mean; absent under three sustained steps. */
  law?: UseLaw;
  /** Where the p99 of one-second samples reaches the policy limit. */
  safe?: Crossing;
  /** The p99 of the seconds over the mean of their step, less one. */
  peak?: number;
  /** Per step: an upper bound of the p99. Holes are steps outside of any fit. */
  surePeaks?: readonly (number | undefined)[];
  /** Where the mean reaches the capacity. */
  saturation?: Crossing;
  /** Share of the use at the highest step that goes away once the resource is full; `saturation` counts on most of it. */
  spared?: number;
}

/** What every resource is fitted in. */
export interface FitContext {
  steps: readonly JudgedStep[];
  policy: Policy;
}

export interface FittedResources {
  resources: readonly FittedResource[];
  findings: readonly Finding[];
}

interface FitWork {
  use: ResourceUse;
  law?: UseLaw;
  drawn?: Drawn;
  surePeaks?: readonly (number | undefined)[];
  findings: Finding[];
}

/** Below this p a slope is real. */
const significance = 0.05;
/** Longer steps are cut into this many parts, from which blocks are drawn. */
const mostSlots = 300;

/** Laws are fitted to sustained steps only: beyond the limit the target rate is higher than the throughput. */
export function fitResources(uses: readonly ResourceUse[], context: FitContext): FittedResources {
  const { steps, policy } = context;
  const reached = reachedTps({ steps, resources: uses, policy });
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
      const use = { ...bare, ...(surePeaks && { surePeaks }) };
      if (use.kind === 'configured') return { fitted: withQuota(use, context), findings: [] };
      const own = subject && draws[drawn.indexOf(subject)];
      if (law === undefined || subject === undefined || own === undefined)
        return { fitted: { ...use, ...(law && { law }) }, findings };
      const { peak, full } = ownCrossings(law, subject);
      const safe = Number.isFinite(peak) && crossingOf(peak, { low: own.peak, high: own.calm }, confidence);
      const saturation = Number.isFinite(full) && crossingOf(full, { low: own.full, high: own.full }, confidence);
      const { spread, far, sparable: spared } = subject;
      const ends = {
        ...(spared !== undefined && { spared }),
        ...(safe && { safe }),
        ...(saturation && { saturation }),
      };
      return { fitted: { ...use, law, peak: peakOf(spread, far), ...ends }, findings };
    },
  );
  return { resources: fits.map(({ fitted }) => fitted), findings: fits.flatMap((each) => each.findings) };
}

/** A quota is used up by its bytes per message, even if the seconds were uneven. */
function withQuota(use: ResourceUse, { steps, policy }: FitContext): FittedResource {
  const safe = quotaCrossing(use, steps, use.policyLimit, policy);
  const saturation = quotaCrossing(use, steps, 1, policy);
  return { ...use, ...(safe && { safe }), ...(saturation && { saturation }) };
}

/** Of what was measured, so that neither the name of a run nor the order of its files moves its answer. */
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
  const sparable = sparableOf(use, places, steps);
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
    ...(sparable !== undefined && { sparable }),
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
      ...lonelyFinding(use, spread),
    ],
  };
}

/** Of the highest step: low rates leave more segments empty. */
function sparableOf(
  { sparable }: ResourceUse,
  places: readonly number[],
  steps: readonly JudgedStep[],
): number | undefined {
  const rateOf = (place: number) => (steps[place] as JudgedStep).step.tps;
  const highest = places.reduce<number | undefined>(
    (best, place) => (best === undefined || rateOf(place) > rateOf(best) ? place : best),
    undefined,
  );
  return highest === undefined ? undefined : sparable?.[highest];
}

function doubtOf({ law, line }: FittedLaw, minimumR2: number, isRising: boolean): string | undefined {
  if (!((line.coefficients[1] as number) > 0)) return 'it does not grow with load';
  if (line.slopeProbability >= significance && !isRising) return 'it does not surely grow with load';
  return law.r2 < minimumR2 ? `only ${percentText(law.r2)} of what moved it was load` : undefined;
}

/** Standard errors by which each step exceeds the one before it. */
const clearRise = 3;

/**
 * Three steps leave a line one degree of freedom, so a slight curve hides a slope that every second shows: use that rises clearly from
 * each step to the next grows with load. How far the steps lie off the line still makes the interval wide.
 */
function risesThroughout(rates: readonly number[], { means, meanVariance }: SecondSpread): boolean {
  const ordered = rates.map((rate, k) => ({ rate, use: means[k] as number })).toSorted((a, b) => a.rate - b.rate);
  return ordered.slice(1).every(({ use }, k) => {
    const before = (ordered[k] as (typeof ordered)[number]).use;
    return use - before > clearRise * Math.sqrt(meanVariance * (use ** 2 + before ** 2));
  });
}

function poorFit(use: ResourceUse, law: UseLaw, doubt: string, policy: Policy): Finding {
  return {
    severity: 'info',
    code: 'poor-fit',
    message: `No limit is estimated from ${use.resource} of ${nodeText(use.node)}: ${doubt} over ${law.points} sustained steps.`,
    evidence: [
      { name: 'r2', value: law.r2, unit: 'ratio', source: 'least squares over the sustained steps' },
      { name: 'minimum r2', value: policy.fit.minimumR2.value, unit: 'ratio', source: policy.fit.minimumR2.source },
    ],
  };
}

function batchFinding(use: ResourceUse, law: UseLaw): Finding[] {
  if (law.model !== 'batches') return [];
  const [, perMessage = 0, perRequest = 0] = law.coefficients;
  return [
    {
      severity: 'info',
      code: 'batches-grow',
      message: `Batches grew with load, so ${use.resource} of ${nodeText(use.node)} is fitted to messages and requests. Beyond the highest step batches are taken to grow no further.`,
      evidence: [
        { name: 'per message', value: perMessage, unit: use.capacity.unit, source: 'least squares' },
        { name: 'per request', value: perRequest, unit: use.capacity.unit, source: 'least squares' },
      ],
    },
  ];
}

function curveFinding(use: ResourceUse, { law, line }: FittedLaw): Finding[] {
  if (law.model !== 'convex') return [];
  return [
    {
      severity: 'info',
      code: 'convex-use',
      message: `${use.resource} of ${nodeText(use.node)} grew faster than the load: a curve predicts steps that were left out better than a line.`,
      evidence: [
        { name: 'error of the curve', value: law.holdOutError, unit: 'ratio', source: 'steps left out in turn' },
        { name: 'error of the line', value: line.holdOutError, unit: 'ratio', source: 'steps left out in turn' },
      ],
    },
  ];
}

/** Where all of the laws that cannot be ruled out agree that a message costs more on cores that are busy. */
function coreFinding(use: ResourceUse, { law, likely }: FittedLaw): Finding[] {
  if (law.model !== 'cores') return [];
  const all = likely.flatMap((each) => (each.law.model === 'cores' ? [each.law.k] : []));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  if (most >= 0) return [];
  return [
    {
      severity: 'info',
      code: 'convex-use',
      message: `${use.resource} of ${nodeText(use.node)} grew faster than the load: a message costs more on busy cores than on idle ones. Full cores are expected at a lower rate than a line shows.`,
      evidence: [least, law.k, most].map((k, index) => ({
        name: `${['lowest', 'median', 'highest'][index]} surcharge on idle cores`,
        value: k,
        unit: 'ratio',
        source: 'steps, and what was known of brokers before',
      })),
    },
  ];
}

function lonelyFinding(use: ResourceUse, { setAside }: SecondSpread): Finding[] {
  if (setAside === 0) return [];
  return [
    {
      severity: 'info',
      code: 'seconds-set-aside',
      message: `${setAside} ${setAside === 1 ? 'second' : 'seconds'} of ${use.resource} of ${nodeText(use.node)} stood far from all others, and ${setAside === 1 ? 'is' : 'are'} in no fit: fewer than a p99 passes over.`,
      evidence: [
        {
          name: 'seconds',
          value: setAside,
          unit: 's',
          source: 'more than six robust standard deviations from their step',
        },
      ],
    },
  ];
}
