// Draws keys with Zipf frequencies in constant memory.

import { mix } from './draw.ts';

/**
 * Rejection-inversion: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6 (3), 1996. Draws from the area below the continuous h(x) = x^-s by inversion and rounds
 * to an integer k; a value between the curve and the staircase is rejected and drawn again (less than one in five).
 *
 * @param distinct number of keys; a million cost no more than ten
 * @param exponent s, above 0; 1 is Zipf's original
 * @returns a function from the hash of a message to 0 … distinct − 1, the most frequent first
 */
export function zipf(distinct: number, exponent: number): (hash: number) => number {
  const h = (x: number) => Math.exp(-exponent * Math.log(x));
  // (x^(1−s) − 1) / (1 − s) and its inverse, both without a special case at s = 1.
  const area = (x: number) => Math.log(x) * expm1Over((1 - exponent) * Math.log(x));
  const inverse = (y: number) => Math.exp(y * log1pOver(Math.max(-1, y * (1 - exponent))));
  const first = area(1.5) - 1;
  const last = area(distinct + 0.5);
  const surelyInside = 2 - inverse(area(2.5) - h(2));
  return (hash) => {
    let state = hash;
    for (;;) {
      state = mix(state + 0x9e3779b9);
      const high = state;
      state = mix(state + 0x9e3779b9);
      const draw = (high * 2 ** 21 + (state >>> 11)) / 2 ** 53;
      const y = last + draw * (first - last);
      const x = inverse(y);
      const k = Math.min(distinct, Math.max(1, Math.floor(x + 0.5)));
      if (k - x <= surelyInside || y >= area(k + 0.5) - h(k)) return k - 1;
    }
  };
}

const expm1Over = (x: number) => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2);
const log1pOver = (x: number) => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2);
