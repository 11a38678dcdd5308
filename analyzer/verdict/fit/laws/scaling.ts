// Fits steps of concurrency and throughput: the law, its peak and knee, or the reason why there is no fit.

import { fewestLevels, fitScaling, type ScalingFit, type ScalingStep } from './fit-scaling.ts';
import { kneeOf } from './knee.ts';
import { scalingPeak, type LeastPeak, type ScalingPeak } from './scaling-peak.ts';
import { percentText } from '../../../../core/text/quantity-text.ts';

export type Scaling =
  | (Pick<ScalingFit, 'model' | 'law' | 'standardErrors' | 'r2'> & {
      kind: 'fitted';
      /** Concurrency from which throughput stops growing; absent without evidence, or if `atLeast` replaces it. */
      peak?: ScalingPeak;
      /** Present if the law has a peak that the steps do not confirm. */
      atLeast?: LeastPeak;
      knee?: ScalingStep;
      /** One per concurrency, ascending. */
      steps: readonly ScalingStep[];
    })
  | { kind: 'refused'; code: 'too-few-points' | 'one-concurrency' | 'no-law'; message: string };

/**
 * A flat curve explains little variance but is a valid law, and a steep curve may have large errors: a fit is rejected
 * only for both.
 */
const leastExplained = 0.5;
const mostMissed = 0.25;

/** @param points in any order; throughputs at one concurrency are averaged. Concurrency and throughput above 0. */
export function scalingOf(points: readonly ScalingStep[]): Scaling {
  const steps = averaged(points);
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) {
    const all = points.length === 1 ? 'there is' : `${points.length} points are`;
    const message = `all ${all} of one concurrency, ${only.concurrency}: how throughput grows with it cannot be seen`;
    return { kind: 'refused', code: 'one-concurrency', message };
  }
  if (steps.length < fewestLevels) {
    const message = `${steps.length} concurrencies are too few: a law of three parameters goes through any three points; measure ${fewestLevels} at least, better six`;
    return { kind: 'refused', code: 'too-few-points', message };
  }
  const { model, law, standardErrors, r2, ...rest } = fitScaling(steps);
  const mean = steps.reduce((sum, { throughput }) => sum + throughput, 0) / steps.length;
  const missed = Math.sqrt(rest.sse / steps.length) / mean;
  if (r2 < leastExplained && missed > mostMissed) {
    const message = `the best fit misses the throughputs by ${percentText(missed)} of their mean and explains ${percentText(r2)} of their variance: repeat the measurement with more concurrencies`;
    return { kind: 'refused', code: 'no-law', message };
  }
  const peak = scalingPeak({ model, law, r2, ...rest }, steps);
  const knee = kneeOf(steps);
  return {
    kind: 'fitted',
    model,
    law,
    ...(standardErrors && { standardErrors }),
    r2,
    ...(peak && ('reason' in peak ? { atLeast: peak } : { peak })),
    ...(knee && { knee }),
    steps,
  };
}

function averaged(points: readonly ScalingStep[]): ScalingStep[] {
  const levels = Map.groupBy(points, ({ concurrency }) => concurrency);
  return [...levels]
    .map(([concurrency, all]) => ({
      concurrency,
      throughput: all.reduce((sum, { throughput }) => sum + throughput, 0) / all.length,
    }))
    .toSorted((a, b) => a.concurrency - b.concurrency);
}
