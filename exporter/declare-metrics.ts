// Declares metrics that share their labels.

import type { MetricDefinition } from './collector.ts';

interface More extends Pick<MetricDefinition, 'unit' | 'differs' | 'additive'> {
  /** For a compatibility metric, as in `CompatibilityMetric`. */
  ours?: string;
}

/** @returns functions that declare metrics with exactly these labels; a string instead of `more` is the unit */
export function labelled(...labels: readonly string[]) {
  const define =
    (type: MetricDefinition['type'], usual: More = {}) =>
    (help: string, more: More | string = {}): MetricDefinition & More => {
      return { type, help, labels, ...usual, ...(typeof more === 'string' ? { unit: more } : more) };
    };
  return {
    gauge: define('gauge'),
    counter: define('counter'),
    histogram: define('histogram'),
    /** 1 while a condition holds, else 0. */
    flag: define('gauge', { unit: '1 or 0' }),
    /** The information is in its labels. */
    info: define('gauge', { unit: 'always 1' }),
  };
}
