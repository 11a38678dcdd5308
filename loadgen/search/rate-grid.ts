// Defines the logarithmic grid of rates that a search considers.

import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';

/** Five digits are readable, and change a rate by at most 0.005 %. */
const digits = 5;

/** @param spacing relative distance to the next higher rate */
export function createRateGrid(start: MessagesPerSecond, spacing: number) {
  const step = Math.log1p(spacing);
  const rate = (place: number) => roundDown(start * Math.exp(place * step));
  return {
    /** @param place 0 is the start; places are integers and may be negative */
    rate,
    /** @returns the highest place with a rate of at most `limit` */
    placeBelow(limit: number): number {
      const guess = Math.round(Math.log(limit / start) / step) + 1;
      return [guess, guess - 1, guess - 2].find((place) => rate(place) <= limit) ?? guess - 3;
    },
    /** @returns the number of places that span about `factor` */
    places: (factor: number): number => Math.max(1, Math.round(Math.log(factor) / step)),
  };
}

/** Rounds down, so that rounding never moves a rate past a bound. */
export function roundDown(rate: number): MessagesPerSecond {
  const unit = 10 ** (Math.floor(Math.log10(rate)) + 1 - digits);
  // The quotient of two doubles may be one part in 10^16 below the exact integer.
  const rounded = Math.floor((rate / unit) * (1 + 1e-12)) * unit;
  return messagesPerSecond(Number(rounded.toPrecision(digits)));
}
