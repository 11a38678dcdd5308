// Computes with ranges, which keep the uncertainty from rounding and units.

import type { Span } from '../../../core/wire/expected-bytes.ts';

export const exactly = (value: number): Span => ({ low: value, high: value });

export const scaled = ({ low, high }: Span, factor: number): Span => ({ low: low * factor, high: high * factor });

/** Every quotient of the two, for positive divisors. */
export const quotient = (dividend: Span, divisor: Span): Span => ({
  low: dividend.low / divisor.high,
  high: dividend.high / divisor.low,
});

export const sum = (a: Span, b: Span): Span => ({ low: a.low + b.low, high: a.high + b.high });
