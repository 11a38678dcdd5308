// Finds growth of use that other work hid, because it became less while the load rose.

import { longRunVariance, mean } from '../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import type { ResourceUse } from './resource-use.ts';

/** Standard errors, as for other load of production: a run has hundreds of resources, and seconds resemble each other. */
const leastSure = 4;
/** Share of the capacity; less, up to the highest rate, moves no limit by more than some hundredths. */
const leastShare = 0.01;
const fewestSamples = 5;

/** Time constants of what settles after a change of rate, such as caught-up reads, as shares of the step. */
const settling = [0.15, 0.25, 0.4, 0.6, 0.9];
/** In variances of a second: 95% of a chi-squared distribution with one degree of freedom. */
const leastBetter = 3.84;

/**
 * Within a step the rate is constant, so a change of use is other work. Its change over the run is the trapezoidal sum of
 * the slopes of the seconds of each step, between the middles of the steps. Regressed on the rates, it is the part of the
 * growth that is not due to the load.
 *
 * @returns upper bound of the hidden growth per message, in the unit of the capacity; 0 if there may be none
 */
export function hiddenGrowth({ uses, capacity }: ResourceUse, steps: readonly JudgedStep[]): number {
  const points = steps.flatMap(({ step, verdict }, index) => {
    const { moments = [], values = [] } = uses[index]?.series ?? {};
    const { targetTps, isCurve = false } = step.recorded;
    const isConstant = verdict.kind === 'sustained' && targetTps !== undefined && !isCurve;
    const level = mean(values);
    if (!isConstant || values.length < fewestSamples || level === 0) return [];
    const { middle, spread, drift } = driftOf(moments, values);
    const errors = values.map((value, k) => value - level - drift * ((moments[k] as number) - middle));
    // The residuals of a line understate how much seconds resemble each other.
    const { variance, own } = longRunVariance(errors);
    const ofSeconds = (Math.max(variance, own) * values.length) / (values.length - 2) / level ** 2;
    const scale = level ** 2 / spread;
    return [{ x: step.tps, at: step.window.from + middle, drift, ofSeconds, scale, moments, values, level }];
  });
  // Pooled, because a short step has too few seconds for its own.
  const ofSecond = mean(points.map(({ ofSeconds }) => ofSeconds));
  const rates = points.map(({ x }) => x);
  const middle = mean(rates);
  const spread = rates.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  if (!(spread > 0)) return 0;
  const above = (from: number) => rates.slice(from).reduce((sum, x) => sum + x - middle, 0);
  let [growth, variance, most] = [0, 0, 0];
  for (const [k, { at, drift, scale }] of points.entries()) {
    const [before = { at }, after = { at }] = [points[k - 1], points[k + 1]];
    // Weight of the drift of this step in the slope of the accumulated drift.
    const weight = ((at - before.at) * above(k) + (after.at - at) * above(k + 1)) / 2 / spread;
    growth += weight * drift;
    most = Math.min(most, weight * drift);
    variance += weight ** 2 * scale * ofSecond;
  }
  const error = Math.sqrt(variance);
  // A change in one step only is an event, such as a group that reads old messages, which the steps after it do not contain.
  const isHidden = (most - growth - leastSure * error) * Math.max(...rates) > leastShare * capacity.value;
  if (!isHidden) return 0;
  /** Squares that a course explains, with an own factor in each step. */
  const explainedBy = (course: (moments: readonly number[]) => readonly number[]) =>
    points.reduce((sum, { moments, values, level }) => {
      const line = driftOf(course(moments), values);
      return sum + (line.drift / level) ** 2 * line.spread;
    }, 0);
  const byGrowth = explainedBy((moments) => moments);
  const isSettling = settling.some((share) => {
    const bySettling = explainedBy((moments) => {
      const seconds = share * (moments.at(-1) as number);
      return moments.map((moment) => Math.exp(-moment / seconds));
    });
    return bySettling > byGrowth + leastBetter * ofSecond;
  });
  return isSettling ? 0 : 2 * error - growth;
}

function driftOf(moments: readonly number[], values: readonly number[]) {
  const middle = mean(moments);
  const spread = moments.reduce((sum, moment) => sum + (moment - middle) ** 2, 0);
  const drift = values.reduce((sum, value, k) => sum + ((moments[k] as number) - middle) * value, 0) / spread;
  return { middle, spread, drift };
}
