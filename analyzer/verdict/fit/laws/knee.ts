// Finds the step from which more concurrency mostly adds waiting, by the lowest of three criteria.

import type { ScalingStep } from './fit-scaling.ts';

/**
 * The step after which more concurrency does not pay off, by the lowest of three criteria: the bend of the curve
 * (Kneedle), the last step with a latency of at most twice the least, and the step of the greatest power X / R
 * (Kleinrock 1979). Latency is N / X.
 *
 * @param steps ascending, one per concurrency
 * @returns a measured step; undefined if the curve has no bend within the steps
 */
export function kneeOf(steps: readonly ScalingStep[]): ScalingStep | undefined {
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
