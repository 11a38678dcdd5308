// Provides seeded random numbers and distributions.

/** Mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Box-Muller transform. */
export function gaussianOf(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Random draws for a simulated cluster. */
export interface Draw {
  random: () => number;
  between(low: number, high: number): number;
  /** Every factor is as likely as its inverse. */
  around(low: number, high: number): number;
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  oneOf<T>(values: readonly T[]): T;
}

export function drawOf(random: () => number): Draw {
  const between = (low: number, high: number) => low + (high - low) * random();
  return {
    random,
    between,
    around: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    whole: (low, high) => Math.floor(between(low, high + 1)),
    chance: (share) => random() < share,
    oneOf: (values) => values[Math.floor(random() * values.length)] as (typeof values)[number],
  };
}

/** Standard normal distribution function: Abramowitz and Stegun 7.1.26, wrong by less than 1.5e-7. */
export function normalShareBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = polynomial * Math.exp(-x * x);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
}
