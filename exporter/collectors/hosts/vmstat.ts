// Exports swapping, page faults and OOM kills.

import type { HostCollector } from '../../collector.ts';
import { kernelFields } from './kernel-fields.ts';

const units: Readonly<Record<string, string>> = { oom_kill: 'processes', pgpgin: 'KiB', pgpgout: 'KiB' };

const { metrics, measure } = kernelFields(
  'node_vmstat_',
  'oom_kill pgfault pgmajfault pgpgin pgpgout pswpin pswpout',
  (field) => ({ type: 'untyped', unit: units[field] ?? 'pages', help: `${field} of /proc/vmstat.` }),
);

export const vmstat = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/vmstat',
  cost: '1 read',
  metrics,

  collect({ reading: { vmstat: counters } }) {
    if (counters === undefined) return { kind: 'no-data', reason: 'the paging counters could not be read' };
    return { kind: 'ok', measurements: measure(counters) };
  },
} satisfies HostCollector;
