// Declares metrics that share their labels.

import type { MetricDefinition } from './collector.ts';

interface More extends Pick<MetricDefinition, 'unit' | 'differs' | 'additive'> {
  /** Of a compatibility metric, as in `CompatibilityMetric`. */
  ours?: string;
}

/** @returns what declares a metric with exactly these labels; a text in place of `more` is its unit */
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
    /** 1 while something holds, else 0. */
    flag: define('gauge', { unit: '1 or 0' }),
    /** Its labels are what it says. */
    info: define('gauge', { unit: 'always 1' }),
  };
}
