// Fits steps of concurrency and throughput: the law, its peak and knee, or the reason why there is no fit.

import { fewestLevels, fitScaling, type ScalingFit, type ScalingStep } from './fit-scaling.ts';
import { type LeastPeak, scalingPeak, type ScalingPeak } from './scaling-peak.ts';
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

/**
 * The step after which more concurrency does not pay off, by the lowest of three criteria: the bend of the curve
 * (Kneedle), the last step with a latency of at most twice the least, and the step of the greatest power X / R
 * (Kleinrock 1979). Latency is N / X.
 *
 * @param steps ascending, one per concurrency
 * @returns a measured step; undefined if the curve has no bend within the steps
 */
function kneeOf(steps: readonly ScalingStep[]): ScalingStep | undefined {
  const found = [kneedle(steps), beforeDoubledLatency(steps), greatestPower(steps)].filter(
    (step) => step !== undefined,
  );
  return found.toSorted((a, b) => a.concurrency - b.concurrency)[0];
}

/** As in the paper: the difference curve must fall by this many mean distances below its maximum before a bend counts. */
const sensitivity = 1;

/**
 * Kneedle for a curve that rises and flattens (Satopää, Albrecht, Irwin and Raghavan 2011), without its smoothing,
 * because steps are few and already means. With both axes scaled to [0, 1], the bend is the first local maximum of d =
 * y − x after which d falls below d_max − S·mean|Δx| before it rises to another.
 */
function kneedle(steps: readonly ScalingStep[]): ScalingStep | undefined {
  const xs = scaled(steps.map(({ concurrency }) => concurrency));
  const ys = scaled(steps.map(({ throughput }) => throughput));
  const differences = xs.map((x, i) => (ys[i] as number) - x);
  const threshold = sensitivity / (steps.length - 1);
  let top: number | undefined;
  for (const [i, difference] of differences.entries()) {
    if (top !== undefined && difference < (differences[top] as number) - threshold) return steps[top];
    const isTop =
      i > 0 &&
      i < differences.length - 1 &&
      difference >= (differences[i - 1] as number) &&
      difference > (differences[i + 1] as number);
    if (isTop && difference > 0) top = i;
  }
  return undefined;
}

/** @returns the last step before the mean latency exceeded twice the least; undefined if it never did */
function beforeDoubledLatency(steps: readonly ScalingStep[]): ScalingStep | undefined {
  const latencies = steps.map(({ concurrency, throughput }) => concurrency / throughput);
  const least = Math.min(...latencies);
  const from = latencies.indexOf(least);
  const passed = latencies.findIndex((latency, index) => index > from && latency > 2 * least);
  return passed < 1 ? undefined : steps[passed - 1];
}

/** @returns undefined if power still grew at the last step */
function greatestPower(steps: readonly ScalingStep[]): ScalingStep | undefined {
  const powers = steps.map(({ concurrency, throughput }) => throughput ** 2 / concurrency);
  const at = powers.indexOf(Math.max(...powers));
  return at < steps.length - 1 ? steps[at] : undefined;
}

function scaled(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (most > least ? (value - least) / (most - least) : 0));
}
