// Maps the kernel's field names to metrics, for netstat, sockstat and vmstat.

import type { Measurement, MetricDefinition } from '../../collector.ts';

interface KernelFields {
  metrics: Readonly<Record<string, MetricDefinition>>;
  measure(values: Readonly<Record<string, number>>): Measurement[];
}

/** @param names fields that have a metric, parted by blanks; a kernel that lacks one has no series of it */
export function kernelFields(
  prefix: string,
  names: string,
  define: (field: string) => Pick<MetricDefinition, 'type' | 'unit' | 'help'>,
): KernelFields {
  const fields = names.trim().split(/\s+/);
  return {
    metrics: Object.fromEntries(fields.map((field) => [`${prefix}${field}`, { ...define(field), labels: [] }])),
    measure: (values) =>
      fields.flatMap((field) => {
        const value = values[field];
        return value === undefined ? [] : [{ metric: `${prefix}${field}`, labels: [], value }];
      }),
  };
}
