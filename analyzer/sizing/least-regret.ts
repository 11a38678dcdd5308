// How many brokers does one regret least, when nobody knows which world will be?

import type { Criticality } from '../../core/cluster-plan.ts';
import type { SizingPolicy } from './sizing-policy.ts';

export interface Regret {
  /** For a cost of `one` too many. */
  over(cost: number): number;
  under(cost: number): number;
}

/** Netflix's regret of spend, with what a missing broker is worth by how critical the domain is. */
export function regretOf({ regret }: SizingPolicy, criticality: Criticality): Regret {
  const { over, under, exponent } = regret;
  const weight = under.value ** exponent.value * regret[criticality].value;
  const own = over.value ** exponent.value;
  return {
    over: (cost) => own * cost ** exponent.value,
    under: (cost) => weight * cost ** exponent.value,
  };
}

/**
 * Regret is convex in the difference to what a world needs, so that its mean is convex in the number, and a number that is larger in
 * every world is never answered by a smaller one.
 * @param needed brokers in each world, multiples of `step`; what stands last is the middle, and does not count
 */
export function leastRegret(needed: Int32Array, regret: Regret, step = 1): { masters: number; regret: number } {
  const worlds = needed.length - 1;
  if (worlds === 0) return { masters: needed[0] as number, regret: 0 };
  let [least, most] = [Infinity, 0];
  for (let world = 0; world < worlds; world += 1) {
    least = Math.min(least, needed[world] as number);
    most = Math.max(most, needed[world] as number);
  }
  const counts = new Float64Array((most - least) / step + 1);
  for (let world = 0; world < worlds; world += 1) {
    const at = ((needed[world] as number) - least) / step;
    counts[at] = (counts[at] as number) + 1;
  }
  const [over, under] = [regret.over, regret.under].map((of) =>
    Float64Array.from(counts, (_, difference) => of(difference * step)),
  ) as [Float64Array, Float64Array];
  const mean = (answer: number) => {
    let sum = 0;
    for (let at = 0; at < counts.length; at += 1) {
      const count = counts[at] as number;
      if (count === 0) continue;
      const difference = answer - at;
      sum += count * (difference >= 0 ? (over[difference] as number) : (under[-difference] as number));
    }
    return sum / worlds;
  };
  let [low, high] = [0, counts.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (mean(middle) <= mean(middle + 1)) high = middle;
    else low = middle + 1;
  }
  return { masters: least + low * step, regret: mean(low) };
}
