// Chooses the scaling law of measured steps: linear, Amdahl's or the universal one, whichever predicts best.

import { fProbability } from '../../../../core/statistics/statistics.ts';
import { fitCurve, standardErrors, type Curve, type Solution } from './least-squares.ts';
import { throughputAt, type ScalingLaw } from './scaling-law.ts';

export interface ScalingStep {
  /** Concurrent workers: threads, senders, sends in flight. */
  concurrency: number;
  /** Responses per second. */
  throughput: number;
}

export const scalingModels = ['linear', 'amdahl', 'usl'] as const;
type ScalingModel = (typeof scalingModels)[number];

export interface ScalingFit {
  model: ScalingModel;
  law: ScalingLaw;
  /** Standard errors of the parameters; absent if the parameters cannot be separated. */
  standardErrors?: { lambda: number; sigma?: number; kappa?: number };
  /** Share of the variance of throughput that the law explains. */
  r2: number;
  sse: number;
  /** Points minus parameters. */
  degreesOfFreedom: number;
  /** Root mean square error, per second, at each step left out of the fit in turn. */
  leaveOneOutError: number;
}

/** The universal law has three parameters, so only a fourth step can contradict it. */
export const fewestLevels = 4;

const exact = 1e-7;
/** usl4j 0.7.0 requires at least this many. */
const wellJudged = 6;

/**
 * Least squares of throughput, with σ and κ of at least 0, from several starts.
 *
 * A law with more parameters is chosen if its error at left-out steps is smaller, Akaike's criterion for small samples
 * (Hurvich and Tsai 1989) agrees, and its gain is significant. Below six steps the criterion rejects any third
 * parameter, so an error less than half as large at left-out steps is sufficient.
 *
 * @param steps one per concurrency, ascending; at least four
 */
export function fitScaling(steps: readonly ScalingStep[]): ScalingFit {
  // Amdahl's law includes a constant, so linear growth that fits worse than the mean is no candidate.
  const fits = scalingModels
    .map((model) => fitModel(model, steps))
    .filter(({ model, r2 }) => model !== 'linear' || r2 >= 0);
  return fits.reduce((best, fit) => {
    // If a law fits every step to the last digits, the residual is rounding.
    if (best.leaveOneOutError <= exact * Math.max(...steps.map(({ throughput }) => throughput))) return best;
    const isBetter = fit.leaveOneOutError < best.leaveOneOutError * (1 - 1e-6);
    const agrees = akaike(fit, steps.length) < akaike(best, steps.length) && chanceOf(best, fit) < significance;
    const isJudged = steps.length >= wellJudged;
    return isBetter && (isJudged ? agrees : fit.leaveOneOutError < best.leaveOneOutError / 2) ? fit : best;
  });
}

/** Stricter than the usual 5%, because noise that grows with throughput makes a law look more certain than it is. */
const significance = 0.01;

/**
 * Probability of this gain by chance: for crosstalk by the standard error of κ, against linear
 * growth by an F-test, since steps far from one worker do not separate λ from σ, and their errors are meaningless.
 */
function chanceOf(best: ScalingFit, { law, standardErrors: errors, degreesOfFreedom, sse }: ScalingFit): number {
  if (degreesOfFreedom === 0) return 1;
  if (sse === 0) return 0;
  const added = best.degreesOfFreedom - degreesOfFreedom;
  if (best.model === 'linear') {
    const f = ((best.sse - sse) / added / sse) * degreesOfFreedom;
    return fProbability(Math.max(0, f), added, degreesOfFreedom);
  }
  const error = errors?.kappa;
  return error === undefined ? 1 : fProbability((law.kappa / error) ** 2, 1, degreesOfFreedom);
}

/** AICc, counting the parameters of the curve; infinite if there are too few steps. */
function akaike({ sse, degreesOfFreedom }: ScalingFit, n: number): number {
  const k = n - degreesOfFreedom;
  const correction = n - k - 1 > 0 ? (2 * k * (k + 1)) / (n - k - 1) : Number.POSITIVE_INFINITY;
  return n * Math.log(Math.max(sse, Number.MIN_VALUE) / n) + 2 * k + correction;
}

function fitModel(model: ScalingModel, steps: readonly ScalingStep[]): ScalingFit {
  const curve = curveOf(model, steps);
  const solution = fitLaw(model, steps, startsOf(model, steps));
  const errors = standardErrors(curve, solution);
  const mean = steps.reduce((sum, { throughput }) => sum + throughput, 0) / steps.length;
  const total = steps.reduce((sum, { throughput }) => sum + (throughput - mean) ** 2, 0);
  const missed = steps.map(({ concurrency, throughput }, left) => {
    const others = steps.filter((_, index) => index !== left);
    const without = fitLaw(model, others, [solution.parameters, ...startsOf(model, others).slice(0, 1)]);
    return throughput - throughputAt(lawOf(without.parameters), concurrency);
  });
  const [lambda, sigma, kappa] = errors ?? [];
  return {
    model,
    law: lawOf(solution.parameters),
    ...(lambda !== undefined && {
      standardErrors: { lambda, ...(sigma !== undefined && { sigma }), ...(kappa !== undefined && { kappa }) },
    }),
    r2: total > 0 ? 1 - solution.sse / total : 0,
    sse: solution.sse,
    degreesOfFreedom: steps.length - solution.parameters.length,
    leaveOneOutError: Math.sqrt(missed.reduce((sum, miss) => sum + miss * miss, 0) / missed.length),
  };
}

/** @param starts all are tried, and the best fit is returned */
function fitLaw(model: ScalingModel, steps: readonly ScalingStep[], starts: readonly (readonly number[])[]): Solution {
  const curve = curveOf(model, steps);
  const targets = steps.map(({ throughput }) => throughput);
  return starts
    .map((start) => fitCurve(curve, targets, start))
    .reduce((best, solution) => (solution.sse < best.sse ? solution : best));
}

/** Tolerance in resampling, where three digits suffice. */
const enough = 1e-6;

/** Fits other throughputs at the same concurrencies, starting from the current fit; for resampling. */
export function refit(fit: ScalingFit, steps: readonly ScalingStep[]): ScalingLaw {
  const { lambda, sigma, kappa } = fit.law;
  const start = [lambda, sigma, kappa].slice(0, parametersOf[fit.model]);
  const targets = steps.map(({ throughput }) => throughput);
  return lawOf(fitCurve(curveOf(fit.model, steps), targets, start, enough).parameters);
}

const parametersOf = { linear: 1, amdahl: 2, usl: 3 } as const satisfies Record<ScalingModel, number>;

function lawOf([lambda = 0, sigma = 0, kappa = 0]: readonly number[]): ScalingLaw {
  return { lambda, sigma, kappa };
}

/**
 * With D = 1 + σ(N − 1) + κN(N − 1):  ∂X/∂λ = N/D   ∂X/∂σ = −λN(N − 1)/D²   ∂X/∂κ = −λN²(N − 1)/D²
 */
function curveOf(model: ScalingModel, steps: readonly ScalingStep[]): Curve {
  const size = parametersOf[model];
  return {
    floors: [0, 0, 0].slice(0, size),
    values: (parameters) => {
      const law = lawOf(parameters);
      return steps.map(({ concurrency }) => throughputAt(law, concurrency));
    },
    slopes: (parameters) => {
      const { lambda, sigma, kappa } = lawOf(parameters);
      return steps.map(({ concurrency: n }) => {
        const cost = 1 + sigma * (n - 1) + kappa * n * (n - 1);
        const byContention = (-lambda * n * (n - 1)) / (cost * cost);
        return [n / cost, byContention, byContention * n].slice(0, size);
      });
    },
  };
}

/** The first start is near, from a linear fit; the others prevent a fit from ending at a bound. */
function startsOf(model: ScalingModel, steps: readonly ScalingStep[]): number[][] {
  const most = Math.max(...steps.map(({ concurrency }) => concurrency));
  const first = Math.max(...steps.map(({ concurrency, throughput }) => throughput / concurrency));
  const shapes = [
    [0.1, 0.01],
    [0, 0],
    [0, 1 / most ** 2],
    [0.02, 1e-4],
    [0.5, 0],
    [0.3, 1 / most],
  ];
  const starts = [linearStart(steps), ...shapes.map(([sigma = 0, kappa = 0]) => [first, sigma, kappa])];
  return starts.map((start) => start.slice(0, parametersOf[model]));
}

/**
 * N / X = (1 + σ(N − 1) + κN(N − 1)) / λ is linear in 1/λ, σ/λ and κ/λ. An error e of X changes N / X by −e·N / X², so
 * rows are weighted by X² / N.
 */
function linearStart(steps: readonly ScalingStep[]): number[] {
  const rows = steps.map(({ concurrency: n, throughput }) =>
    [1, n - 1, n * (n - 1)].map((term) => (term * throughput * throughput) / n),
  );
  const curve: Curve = {
    floors: [0, 0, 0],
    values: (parameters) => rows.map((row) => row.reduce((sum, term, i) => sum + term * (parameters[i] as number), 0)),
    slopes: () => rows,
  };
  const rate = Math.max(...steps.map(({ concurrency, throughput }) => throughput / concurrency));
  const { parameters } = fitCurve(
    curve,
    steps.map(({ throughput }) => throughput),
    [1 / rate, 0.01 / rate, 1e-4 / rate],
  );
  const [time = 0, contention = 0, coherency = 0] = parameters;
  return time > 0 ? [1 / time, contention / time, coherency / time] : [rate, 0.1, 0.01];
}
