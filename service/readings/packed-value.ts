// Packs a figure into 16 bits on a logarithmic scale; unknown and zero have their own codes.

/*
 *   0         unknown, as a new array has it
 *   1         zero
 *   2…65535   2 ** ((code - 2) / 900 - 20): 1e-6 to 7.9e15, each step 0.077%
 */
const unknown = 0;
const zero = 1;
const lowest = 2;
const highest = 65_535;
const stepsPerOctave = 900;
const firstOctave = -20;

/** @param value at or above 0; other values are unknown. Values beyond the scale are clamped. */
export function pack(value: number): number {
  if (!(value >= 0)) return unknown;
  if (value === 0) return zero;
  const code = lowest + Math.round((Math.log2(value) - firstOctave) * stepsPerOctave);
  return Math.min(highest, Math.max(lowest, code));
}

/** @returns undefined for unknown */
export function unpack(code: number): number | undefined {
  if (code === unknown) return undefined;
  return code === zero ? 0 : 2 ** ((code - lowest) / stepsPerOctave + firstOctave);
}
