// Finds the number of brokers with the least expected regret over all simulations.

import type { Criticality } from '../../../core/documents/cluster-plan.ts';
import type { SizingPolicy } from './sizing-policy.ts';

export interface Regret {
  /** Regret of unnecessary cost. */
  over(cost: number): number;
  under(cost: number): number;
  /** Regret of one unit too few over one too many. */
  weight: number;
  exponent: number;
}

/** Netflix's regret of spend, with the cost of a missing broker by criticality of the domain. */
export function regretOf({ regret }: SizingPolicy, criticality: Criticality): Regret {
  const { over, under } = regret;
  const exponent = regret.exponent.value;
  const own = over.value ** exponent;
  const missed = under.value ** exponent * regret[criticality].value;
  return {
    over: (cost) => own * cost ** exponent,
    under: (cost) => missed * cost ** exponent,
    weight: missed / own,
    exponent,
  };
}

/**
 * Regret is convex in the difference to the need of a sample, so its mean is convex in the number, and larger
 * needs in every sample never yield a smaller number.
 * @param needed brokers per sample, multiples of `step`; the last value is the median, and does not count
 */
export function leastRegret(needed: Int32Array, regret: Regret, step = 1): number {
  const samples = needed.length - 1;
  if (samples === 0) return needed[0] as number;
  let [least, most] = [Infinity, 0];
  for (let sample = 0; sample < samples; sample += 1) {
    least = Math.min(least, needed[sample] as number);
    most = Math.max(most, needed[sample] as number);
  }
  const counts = new Float64Array((most - least) / step + 1);
  for (let sample = 0; sample < samples; sample += 1) {
    const at = ((needed[sample] as number) - least) / step;
    counts[at] = (counts[at] as number) + 1;
  }
  const powers = powersOf(regret.exponent, counts.length);
  const mean = (answer: number) => {
    let [over, under] = [0, 0];
    for (let at = 0; at < answer; at += 1) over += (counts[at] as number) * (powers[answer - at] as number);
    for (let at = answer + 1; at < counts.length; at += 1) {
      under += (counts[at] as number) * (powers[at - answer] as number);
    }
    return over + regret.weight * under;
  };
  let [low, high] = [0, counts.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (mean(middle) <= mean(middle + 1)) high = middle;
    else low = middle + 1;
  }
  return least + low * step;
}

const known = new Map<number, Float64Array>();

/** Cached for whole numbers. */
function powersOf(exponent: number, count: number): Float64Array {
  let powers = known.get(exponent);
  if (powers === undefined || powers.length < count) {
    powers = Float64Array.from({ length: Math.max(256, 2 * count) }, (_, value) => value ** exponent);
    known.set(exponent, powers);
  }
  return powers;
}
