// Forecasts a repetition of last week; the baseline for every other method.

import type { Past } from './candidate.ts';

/** Returns the last known value of the same slot of the week. */
export function seasonalNaive({ values, slots, period }: Past, future: Int32Array): Float64Array {
  const last = new Float64Array(period).fill(Number.NaN);
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) last[slots[i] as number] = value;
  }
  return Float64Array.from(future, (slot) => last[slot] as number);
}
