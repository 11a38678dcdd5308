// Declares metrics that share their labels.

import type { MetricDefinition } from './collector.ts';

interface More extends Pick<MetricDefinition, 'unit' | 'differs' | 'additive'> {
  /** Of a compatibility metric, as in `CompatibilityMetric`. */
  ours?: string;
}

/** @returns what declares a metric with exactly these labels */
export function labelled(...labels: readonly string[]) {
  const define =
    (type: MetricDefinition['type']) =>
    (help: string, more: More = {}): MetricDefinition & More => ({ type, help, labels, ...more });
  return { gauge: define('gauge'), counter: define('counter'), histogram: define('histogram') };
}
