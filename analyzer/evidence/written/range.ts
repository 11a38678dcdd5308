// Computes with ranges, which keep the uncertainty from rounding and units.

export interface Range {
  low: number;
  high: number;
}

export const exactly = (value: number): Range => ({ low: value, high: value });

export const scaled = ({ low, high }: Range, factor: number): Range => ({ low: low * factor, high: high * factor });

/** Every quotient of the two, for positive divisors. */
export const quotient = (dividend: Range, divisor: Range): Range => ({
  low: dividend.low / divisor.high,
  high: dividend.high / divisor.low,
});

export const sum = (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high });
