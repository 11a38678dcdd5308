// Creates measurements from a section of a host reading; without the section the collector has no data.

import { ok, type Collection, type Measurement } from '../../collector.ts';

export const ifRead = <Value>(
  value: Value | undefined,
  reason: string,
  measure: (value: Value) => Iterable<Measurement>,
): Collection => (value === undefined ? { kind: 'no-data', reason } : ok(measure(value)));
