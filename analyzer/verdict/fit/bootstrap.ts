// Draws two thousand samples of one run, shared by all resources of all nodes, and finds where each limit would be met.

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

/** A resource with its laws, in the order of the steps it was measured in. */
export interface Drawn {
  likely: readonly { law: UseLaw; weight: number }[];
  /** Places of those steps among all. */
  places: readonly number[];
  spread: SecondSpread;
  resource: string;
  /** Of all nodes, for this kind of resource; the same object for each. */
  far: OutlierSeconds;
  /** Use at the policy limit, and when full. */
  limit: number;
  capacity: number;
  /** Share of the use that may go away once the resource is full. */
  overhead?: number;
  /** Standard deviation of the logarithm of the part of a rate that lies further beyond what was reached. */
  doubtBeyond: number;
}

export interface Draws {
  /** Where the p99 of the seconds meets the limit. */
  peak: Float64Array;
  /** The same without ordinary scatter of at most `doubtedScatter`. */
  withoutScatter: Float64Array;
  /** Where the mean meets the capacity. */
  full: Float64Array;
}

export interface Resampled extends Steps {
  /** Highest throughput. */
  reached: number;
  /** A rate this many times as high is less certain. */
  doubtFrom: number;
  draws: number;
}

type Prepared = ReturnType<typeof prepare>;
type PreparedLaw = Prepared['laws'][number];

/**
 * Each draw takes, for all resources alike:
 *
 * - blocks of seconds of every step (Künsch 1989; blocks of √n seconds), which move the p99;
 * - for every step, and for one step more, a deviation from the law with the covariance that the residuals of all
 * resources have together: sums of their residuals with normal factors over √(n − p), times √((n − p) / χ²). A line
 * drawn so has Student's t limits of a further step, where resampling three or five residuals themselves would be too
 * optimistic;
 * - one of the laws that cannot be ruled out, by its likelihood.
 *
 * The deviation of a step is never less than that of its seconds alone.
 */
export function drawCrossings(subjects: readonly Drawn[], run: Resampled, random: SeededRandom): Draws[] {
  // In an order of their own, since each takes the next number drawn and nodes may be listed in any.
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

/** Data of hundreds of subjects is read once for this many draws, and these still fit beside it in a cache. */
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
  // A curve that a draw bends downwards is no law: the line takes its place.
  if (chosen.law.model === 'convex' && ((chosen.drawn[2] as number) <= 0 || (chosen.drawn[1] as number) < 0)) {
    chosen = laws[0] as PreparedLaw;
    further = perturb(chosen, places, sample, run.steps);
  }
  const { law, drawn } = chosen;
  // A share of noise past one would turn the law upside down.
  const factor = Math.max(0.05, 1 + further);
  const capacity = subject.capacity / (1 - spared(subject, (draw + 0.5) / run.draws));
  into.full[draw] = doubted(rateAt(law, capacity / factor, drawn), beyond, subject, run);
  const { spread } = subject;
  const all = sample.farPools[pool] as OutlierPool;
  const own = drawnShare(spread.far, times, all.normal);
  const ordinary = Math.max(spread.leastPeak, drawnPeak(spread, times));
  // Far seconds may be of this node or of all: the lower end takes the larger share of them, the upper one the smaller.
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

/** Where the laws of a resource themselves meet its limits. */
export function ownCrossings(law: UseLaw, subject: Drawn) {
  const { spread, far, limit, capacity } = subject;
  return {
    peak: rateAt(law, limit / (1 + Math.max(0, peakOf(spread, far)))),
    full: rateAt(law, capacity / (1 - spared(subject, 0.5))),
  };
}

/**
 * Of the bytes that full segments save, saturated RocketMQ cards saved 51, 92 and 98% (docs/truth.md: single, master-
 * slave, DLedger).
 */
const sparedShare = { least: 0.5, most: 1 };

/** @param place from the least, 0, to the most, 1 */
function spared({ overhead = 0 }: Drawn, place: number): number {
  const { least, most } = sparedShare;
  return (least + (most - least) * place) * overhead;
}

/** @param pool place of its far seconds among the kinds */
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
      // Seconds are many, so their mean is more certain than that of the steps.
      const scale = isSmall && variance > 0 ? Math.sqrt(subject.spread.meanVariance / variance) : 1;
      return {
        law,
        /** Draws whose pick lies below take this law, unless an earlier one has it. */
        upTo,
        /** Of the steps from the law, as ratios. */
        deviations,
        scale: scale / Math.sqrt(freedom),
        freedom: isSmall ? freedom + surerBySeconds : freedom,
        /** Coefficients of the draw. */
        drawn: new Float64Array(law.coefficients.length),
      };
    }),
  };
}

/**
 * Counters that are read a few hundredths of a second late scatter equal seconds. The lower end of an interval counts
 * all scatter as the cluster's, the upper one leaves out this much of what is ordinary.
 */
const doubtedScatter = 0.05;

/** Degrees of freedom that the variance of the seconds adds where it is the larger one. */
const surerBySeconds = 4;

function picked(laws: readonly PreparedLaw[], pick: number): PreparedLaw {
  for (const law of laws) if (pick < law.upTo) return law;
  return laws[0] as PreparedLaw;
}

/** Draws the coefficients. @returns the relative deviation of a step more */
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

/** What lies beyond is drawn out or in: the nearer part stays as sure as it is, and a further limit stays the further one. */
function doubted(rate: number, normal: number, { doubtBeyond }: Drawn, { reached, doubtFrom }: Resampled): number {
  const sure = doubtFrom * reached;
  if (!(rate > sure) || !Number.isFinite(rate)) return rate;
  const factor = normal < 0 ? Math.exp(doubtBeyond * normal) : 1 + doubtBeyond * normal;
  return sure + (rate - sure) * factor;
}

/** Few sizes are known, each with the scatter of an ordinary second. */
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
