// Maps the kernel's field names to metrics, for netstat, sockstat and vmstat.

import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';
import type { HostCollector, MetricDefinition } from '../../collector.ts';
import { ifRead } from './if-read.ts';

interface KernelFields extends Pick<HostCollector, 'source' | 'cost'> {
  prefix: string;
  /** Field names with a metric, separated by blanks. Fields that a kernel lacks have no series. */
  names: string;
  define(field: string): Pick<MetricDefinition, 'type' | 'unit' | 'help'>;
  valuesIn(reading: HostReading): Readonly<Record<string, number>> | undefined;
  reason: string;
}

export function kernelFields({ source, cost, prefix, names, define, valuesIn, reason }: KernelFields): HostCollector {
  const fields = names.trim().split(/\s+/);
  return {
    of: 'host',
    follows: 'prometheus/node_exporter',
    source,
    cost,
    metrics: Object.fromEntries(fields.map((field) => [`${prefix}${field}`, { ...define(field), labels: [] }])),
    collect: ({ reading }) =>
      ifRead(valuesIn(reading), reason, (values) =>
        fields.flatMap((field) => {
          const value = values[field];
          return value === undefined ? [] : [{ metric: `${prefix}${field}`, labels: [], value }];
        }),
      ),
  };
}
