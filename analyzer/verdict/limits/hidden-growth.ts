// Finds growth of use that other work hid, because it became less while the load rose.

import { longRunVariance, mean } from '../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import type { ResourceUse } from './resource-use.ts';

/** Standard errors, as for other load of production: a run has hundreds of resources, and seconds resemble each other. */
const leastSure = 4;
/** Share of the capacity; less, up to the highest rate, moves no limit by more than some hundredths. */
const leastShare = 0.01;
const fewestSamples = 5;

/**
 * Within a step the rate is constant, so a change of use is other work. Its change over the run is the trapezoidal sum of
 * the slopes of the seconds of each step, between the middles of the steps. Regressed on the rates, it is the part of the
 * growth that is not due to the load.
 *
 * @returns the hidden part of the growth per message, in the unit of the capacity; 0 if it may be none
 */
export function hiddenGrowth({ uses, capacity }: ResourceUse, steps: readonly JudgedStep[]): number {
  const points = steps.flatMap(({ step, verdict }, index) => {
    const { moments = [], values = [] } = uses[index]?.series ?? {};
    const { targetTps, isCurve = false } = step.recorded;
    const isConstant = verdict.kind === 'sustained' && targetTps !== undefined && !isCurve;
    const [middle, level] = [mean(moments), mean(values)];
    if (!isConstant || values.length < fewestSamples || level === 0) return [];
    const spread = moments.reduce((sum, moment) => sum + (moment - middle) ** 2, 0);
    const drift = values.reduce((sum, value, k) => sum + ((moments[k] as number) - middle) * value, 0) / spread;
    const errors = values.map((value, k) => value - level - drift * ((moments[k] as number) - middle));
    // The residuals of a line understate how much seconds resemble each other.
    const { variance, own } = longRunVariance(errors);
    const ofSeconds = (Math.max(variance, own) * values.length) / (values.length - 2) / level ** 2;
    return [{ x: step.tps, at: step.window.from + middle, drift, ofSeconds, scale: level ** 2 / spread }];
  });
  // Pooled, because a short step has too few seconds for its own.
  const ofSecond = mean(points.map(({ ofSeconds }) => ofSeconds));
  const rates = points.map(({ x }) => x);
  const middle = mean(rates);
  const spread = rates.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  if (!(spread > 0)) return 0;
  const later = (from: number) => rates.slice(from).reduce((sum, x) => sum + x - middle, 0);
  let [growth, variance, most] = [0, 0, 0];
  for (const [k, { at, drift, scale }] of points.entries()) {
    const [before = { at }, after = { at }] = [points[k - 1], points[k + 1]];
    // Weight of the drift of this step in the slope of the accumulated drift.
    const weight = ((at - before.at) * later(k) + (after.at - at) * later(k + 1)) / 2 / spread;
    growth += weight * drift;
    most = Math.min(most, weight * drift);
    variance += weight ** 2 * scale * ofSecond;
  }
  // A change in one step only is an event, such as a group that reads old messages, which the steps after it do not contain.
  const least = most - growth - leastSure * Math.sqrt(variance);
  return least * Math.max(...rates) > leastShare * capacity.value ? -growth : 0;
}
