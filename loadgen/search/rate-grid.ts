// Defines the logarithmic grid of rates that a search considers.

import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';

/** Five digits are read by people, and move a rate by at most 0.005 %. */
const digits = 5;

/** @param spacing how far the next rate lies above, relative to the lower */
export function createRateGrid(start: MessagesPerSecond, spacing: number) {
  const step = Math.log1p(spacing);
  const rate = (place: number) => roundDown(start * Math.exp(place * step));
  return {
    /** @param place 0 is the start; places are whole and may be negative */
    rate,
    /** @returns the highest place whose rate is at most `rate` */
    placeBelow(limit: number): number {
      const guess = Math.round(Math.log(limit / start) / step) + 1;
      return [guess, guess - 1, guess - 2].find((place) => rate(place) <= limit) ?? guess - 3;
    },
    /** @returns the number of places whose rates differ by about `factor` */
    places: (factor: number): number => Math.max(1, Math.round(Math.log(factor) / step)),
  };
}

/** Never up: a rate that must not pass a bound does not pass it by rounding. */
export function roundDown(rate: number): MessagesPerSecond {
  const unit = 10 ** (Math.floor(Math.log10(rate)) + 1 - digits);
  // The quotient of two doubles may lie one part in 10^16 below the whole number it stands for.
  const rounded = Math.floor((rate / unit) * (1 + 1e-12)) * unit;
  return messagesPerSecond(Number(rounded.toPrecision(digits)));
}
