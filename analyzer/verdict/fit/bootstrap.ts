// Draws two thousand samples of one run, shared by all resources of all nodes, and computes where each limit is reached in them.

import { rateAt, type UseLaw } from './use-law.ts';
import { outliersOf, outlierPeak, peakOf, type OutlierSeconds, type SecondSpread } from '../steps/second-spread.ts';
import {
  drawnShare,
  drawSharedSample,
  emptySharedSample,
  type OutlierPool,
  type SharedSample,
  type Steps,
} from './shared-sample.ts';
import type { SeededRandom } from '../../../core/statistics/seeded-random.ts';

/** A resource with its laws, and the steps with its measurements. */
export interface Drawn {
  likely: readonly { law: UseLaw; weight: number }[];
  /** Indices of those steps among all steps. */
  places: readonly number[];
  spread: SecondSpread;
  resource: string;
  /** Outlier seconds of all nodes for this kind of resource; the same object for each. */
  far: OutlierSeconds;
  /** Use at the policy limit, and at saturation. */
  limit: number;
  capacity: number;
  /** Share of the use that may disappear at saturation. */
  overhead?: number;
  /** Standard deviation of the logarithm of the part of a rate beyond what was reached. */
  doubtBeyond: number;
}

export interface Draws {
  /** Rates at which the p99 of the seconds reaches the limit. */
  peak: Float64Array;
  /** The same without ordinary scatter of at most `doubtedScatter`. */
  withoutScatter: Float64Array;
  /** Rates at which the mean reaches the capacity. */
  full: Float64Array;
}

export interface Resampled extends Steps {
  /** Highest throughput. */
  reached: number;
  /** Factor on the highest throughput, above which a rate is less certain. */
  doubtFrom: number;
  draws: number;
}

type Prepared = ReturnType<typeof prepare>;
type PreparedLaw = Prepared['laws'][number];

/**
 * Each draw contains, for all resources together:
 *
 * - blocks of seconds of every step (Künsch 1989; blocks of √n seconds), which move the p99;
 * - for every step, and for one further step, a deviation from the law with the covariance of the residuals of all
 * resources: sums of their residuals with normal factors over √(n − p), times √((n − p) / χ²). A line drawn this way
 * has Student's t limits for a further step, while resampling three or five residuals directly would be too optimistic;
 * - one of the laws that cannot be ruled out, chosen by likelihood.
 *
 * The deviation of a step is never less than that of its seconds alone.
 */
export function drawCrossings(subjects: readonly Drawn[], run: Resampled, random: SeededRandom): Draws[] {
  // Sorts by name, since each subject consumes the next random numbers and the order of nodes may vary.
  const byName = subjects.toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  const kinds = [...new Set(byName.map(({ far }) => far))];
  const prepared = subjects.map((subject) => prepare(subject, kinds.indexOf(subject.far)));
  const results = subjects.map(() => ({
    peak: new Float64Array(run.draws),
    withoutScatter: new Float64Array(run.draws),
    full: new Float64Array(run.draws),
  }));
  const mostFreedom = Math.max(1, ...prepared.flatMap(({ laws }) => laws.map(({ freedom }) => freedom)));
  const samples = Array.from({ length: drawnTogether }, () => emptySharedSample(run, kinds, mostFreedom));
  for (let first = 0; first < run.draws; first += drawnTogether) {
    const drawn = samples.slice(0, run.draws - first);
    for (const sample of drawn) drawSharedSample(sample, run, random);
    for (const [k, subject] of prepared.entries()) {
      for (const [index, sample] of drawn.entries())
        drawSubject(subject, sample, run, results[k] as Draws, first + index);
    }
  }
  return results;
}

/** The data of hundreds of subjects is read once for this many draws, which still fit beside it in a cache. */
const drawnTogether = 16;

function drawSubject(
  { laws, places, subject, pool }: Prepared,
  sample: SharedSample,
  run: Resampled,
  into: Draws,
  draw: number,
) {
  const { times, beyond } = sample;
  let chosen = picked(laws, sample.pick);
  let further = perturb(chosen, places, sample, run.steps);
  // A curve that a draw bends downwards is invalid, so the line replaces it.
  if (chosen.law.model === 'convex' && ((chosen.drawn[2] as number) <= 0 || (chosen.drawn[1] as number) < 0)) {
    chosen = laws[0] as PreparedLaw;
    further = perturb(chosen, places, sample, run.steps);
  }
  const { law, drawn } = chosen;
  // A noise share above one would make the law negative.
  const factor = Math.max(0.05, 1 + further);
  const capacity = subject.capacity / (1 - spared(subject, (draw + 0.5) / run.draws));
  into.full[draw] = doubted(rateAt(law, capacity / factor, drawn), beyond, subject, run);
  const { spread } = subject;
  const all = sample.farPools[pool] as OutlierPool;
  const own = drawnShare(spread.far, times, all.normal);
  const ordinary = Math.max(spread.leastPeak, drawnPeak(spread, times));
  // Outlier seconds may belong to this node or to all: the lower end uses the larger share of them, the upper end the smaller.
  const peak = 1 + Math.max(ordinary, drawnFar(spread, all, Math.max(own, all.share)));
  const calmer = 1 + Math.max(ordinary, drawnFar(spread, all, Math.min(own, all.share)));
  const withoutScatter = calmer - Math.min(spread.leastPeak, doubtedScatter);
  into.peak[draw] = doubted(rateAt(law, subject.limit / factor / peak, drawn), beyond, subject, run);
  into.withoutScatter[draw] = doubted(
    rateAt(law, subject.limit / factor / withoutScatter, drawn),
    beyond,
    subject,
    run,
  );
}

/** Rates at which the laws of a resource reach its limits, without draws. */
export function ownCrossings(law: UseLaw, subject: Drawn) {
  const { spread, far, limit, capacity } = subject;
  return {
    peak: rateAt(law, limit / (1 + Math.max(0, peakOf(spread, far)))),
    full: rateAt(law, capacity / (1 - spared(subject, 0.5))),
  };
}

/**
 * Share of the predicted saving by full segments: saturated RocketMQ cards saved 51, 92 and 98% of it (docs/evidence/truth.md:
 * single, master-slave, DLedger).
 */
const sparedShare = { least: 0.5, most: 1 };

/** @param place from 0, the least, to 1, the most */
function spared({ overhead = 0 }: Drawn, place: number): number {
  const { least, most } = sparedShare;
  return (least + (most - least) * place) * overhead;
}

/** @param pool index of its kind of outlier seconds */
function prepare(subject: Drawn, pool: number) {
  let upTo = 0;
  return {
    subject,
    pool,
    places: Int32Array.from(subject.places),
    laws: subject.likely.map(({ law, weight }) => {
      upTo += weight;
      const deviations = Float64Array.from(law.fitted, (fitted, k) => {
        const observed = subject.spread.means[k] as number;
        return fitted > 0 ? observed / fitted - 1 : 0;
      });
      const freedom = law.degreesOfFreedom;
      const variance = deviations.reduce((sum, each) => sum + each ** 2, 0) / freedom;
      const isSmall = variance < subject.spread.meanVariance;
      // Seconds are many, so their mean is more certain than the mean of the steps.
      const scale = isSmall && variance > 0 ? Math.sqrt(subject.spread.meanVariance / variance) : 1;
      return {
        law,
        /** Draws with a pick below this value use this law, unless an earlier law applies. */
        upTo,
        /** Deviations of the steps from the law, as ratios. */
        deviations,
        scale: scale / Math.sqrt(freedom),
        freedom: isSmall ? freedom + surerBySeconds : freedom,
        /** Coefficients of the current draw. */
        drawn: new Float64Array(law.coefficients.length),
      };
    }),
  };
}

/**
 * Counters that are read a few hundredths of a second late scatter equal seconds. The lower end of an interval
 * attributes all scatter to the cluster, the upper end ignores this much of the ordinary scatter.
 */
const doubtedScatter = 0.05;

/** Degrees of freedom added by the variance of the seconds, if it is the larger one. */
const surerBySeconds = 4;

function picked(laws: readonly PreparedLaw[], pick: number): PreparedLaw {
  for (const law of laws) if (pick < law.upTo) return law;
  return laws[0] as PreparedLaw;
}

/** Draws the coefficients. @returns the relative deviation of a further step */
function perturb(
  { law, deviations, scale, freedom, drawn }: PreparedLaw,
  places: Int32Array,
  { normals, inflations }: SharedSample,
  steps: number,
): number {
  const { coefficients, shares, fitted } = law;
  const n = fitted.length;
  const p = coefficients.length;
  for (let i = 0; i < p; i += 1) drawn[i] = coefficients[i] as number;
  const size = scale * (inflations[freedom] as number);
  let further = 0;
  for (let row = 0; row <= n; row += 1) {
    const from = (row === n ? steps : (places[row] as number)) * steps;
    let sum = 0;
    for (let j = 0; j < n; j += 1) sum += (normals[from + (places[j] as number)] as number) * (deviations[j] as number);
    sum *= size;
    if (row === n) further = sum;
    else {
      const moved = sum * (fitted[row] as number);
      for (let i = 0; i < p; i += 1) drawn[i] = (drawn[i] as number) + (shares[i * n + row] as number) * moved;
    }
  }
  return further;
}

/** Scales the part beyond the reached rate: the nearer part keeps its certainty, and the order of limits is preserved. */
function doubted(rate: number, normal: number, { doubtBeyond }: Drawn, { reached, doubtFrom }: Resampled): number {
  const sure = doubtFrom * reached;
  if (!(rate > sure) || !Number.isFinite(rate)) return rate;
  const factor = normal < 0 ? Math.exp(doubtBeyond * normal) : 1 + doubtBeyond * normal;
  return sure + (rate - sure) * factor;
}

/** Few outlier sizes are known, each with the scatter of an ordinary second. */
function drawnFar(spread: SecondSpread, { far, size }: OutlierPool, share: number): number {
  const peak = outlierPeak(outliersOf(spread, far), share, size > 0 ? 1 : 0);
  return peak === undefined ? 0 : (1 + peak) * (1 + spread.robust * size) - 1;
}

function drawnPeak({ highest, above }: SecondSpread, times: Uint16Array): number {
  const { deviations, slots } = highest;
  let passed = 0;
  for (let i = 0; i < deviations.length; i += 1) {
    passed += times[slots[i] as number] as number;
    if (passed >= above) return deviations[i] as number;
  }
  return deviations.at(-1) ?? 0;
}
