// Measures what was read of a host; without it the collector has no data.

import type { Collection, Measurement } from '../../collector.ts';

export const ifRead = <Value>(
  value: Value | undefined,
  reason: string,
  measure: (value: Value) => Iterable<Measurement>,
): Collection => (value === undefined ? { kind: 'no-data', reason } : { kind: 'ok', measurements: measure(value) });
