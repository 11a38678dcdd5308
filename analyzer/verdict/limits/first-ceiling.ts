// Finds which limit comes first, as measured or after a change in the work of each node.

import { limitText } from '../../../core/text/limit-text.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { Ceiling, FirstCeiling } from '../evidence.ts';
import { crossingOf, drawCount, drawQuantile } from '../fit/crossing.ts';

/** Work per message after a change over work before it: by the closest way, and the least and most over all likely ways. */
export type WorkFactor = Record<'value' | 'low' | 'high', number>;

export const unchangedWork: WorkFactor = { value: 1, low: 1, high: 1 };

/** A measured limit, and how the work of its node changes. */
export interface ChangedCeiling {
  ceiling: Ceiling;
  factor: WorkFactor;
}

export const firstCeilingOf = (ceilings: readonly Ceiling[], policy: Policy): FirstCeiling | undefined =>
  firstChangedCeilingOf(
    ceilings.map((ceiling) => ({ ceiling, factor: unchangedWork })),
    policy,
  );

/**
 * Takes the lowest ceiling in each draw. The minimum of several estimates is biased low, and the minimum in each draw
 * once more: the upper bound corrects both biases; the lower bound, which is the answer, keeps them.
 */
export function firstChangedCeilingOf(changed: readonly ChangedCeiling[], policy: Policy): FirstCeiling | undefined {
  const [first] = changed.toSorted((a, b) => valueOf(a) - valueOf(b));
  if (first === undefined) return undefined;
  const { limit, kind } = first.ceiling;
  if (changed.length === 1) return { ...scaled(first), shares: [{ limit, probability: 1 }] };
  const ofFirst = scaledDraws(first);
  const draws = { low: ofFirst.low.slice(), high: ofFirst.high };
  const firstIn = new Int32Array(drawCount).fill(changed.indexOf(first));
  const highest = { low: Math.max(...draws.low), high: Math.max(...draws.high) };
  // Divides in the loop, and skips ceilings above the first in every draw: with 200 hosts, the draws of all limits after
  // each loss took most of the time.
  for (const [place, { ceiling, factor }] of changed.entries()) {
    const { low, high } = ceiling.draws;
    if (!(lowestOf(low) / factor.high >= highest.low)) {
      for (let draw = 0; draw < drawCount; draw += 1) {
        const rate = (low[draw] as number) / factor.high;
        if (rate >= (draws.low[draw] as number)) continue;
        draws.low[draw] = rate;
        firstIn[draw] = place;
      }
    }
    if (!(lowestOf(high) / factor.low >= highest.high)) {
      for (let draw = 0; draw < drawCount; draw += 1) {
        draws.high[draw] = Math.min(draws.high[draw] as number, (high[draw] as number) / factor.low);
      }
    }
  }
  const firsts = new Int32Array(changed.length);
  for (const place of firstIn) firsts[place] = (firsts[place] as number) + 1;
  // Difference between the lowest ceiling of all draws and the ceiling that is lowest by its law.
  const bias = Math.max(0, drawQuantile(ofFirst.low, 0.5) - drawQuantile(draws.low, 0.5));
  const crossing = crossingOf(valueOf(first), draws, policy.fit.confidence.value);
  const shares = changed
    .map(({ ceiling }, place) => ({ limit: ceiling.limit, probability: (firsts[place] as number) / drawCount }))
    .filter(({ probability }) => probability > 0)
    .toSorted((a, b) => b.probability - a.probability || (limitText(a.limit) < limitText(b.limit) ? -1 : 1));
  return {
    ...crossing,
    ...(crossing.high !== undefined && { high: crossing.high + 2 * bias }),
    limit,
    kind,
    shares,
  };
}

const lowestDraws = new WeakMap<Float64Array, number>();

/** Keeps the result, because each loss of a broker compares the same draws. */
function lowestOf(draws: Float64Array): number {
  const lowest = lowestDraws.get(draws) ?? draws.reduce((least, rate) => Math.min(least, rate));
  lowestDraws.set(draws, lowest);
  return lowest;
}

/** By the law, without an interval, messages per second. */
export const valueOf = ({ ceiling, factor }: ChangedCeiling): number => ceiling.value / factor.value;

function scaledDraws({ ceiling: { draws }, factor }: ChangedCeiling): Ceiling['draws'] {
  const by = (rates: Float64Array, divisor: number) => rates.map((rate) => rate / divisor);
  return { low: by(draws.low, factor.high), high: by(draws.high, factor.low) };
}

function scaled(changed: ChangedCeiling): Ceiling {
  const { low, high: most, ...bare } = changed.ceiling;
  const { factor } = changed;
  return {
    ...bare,
    value: valueOf(changed),
    low: low / factor.high,
    ...(most !== undefined && factor.low > 0 && { high: most / factor.low }),
    draws: scaledDraws(changed),
  };
}
