// Exports swapping, page faults and OOM kills.

import { kernelFields } from './kernel-fields.ts';

const units: Readonly<Record<string, string>> = { oom_kill: 'processes', pgpgin: 'KiB', pgpgout: 'KiB' };

export const vmstat = kernelFields({
  source: '/proc/vmstat',
  cost: '1 read',
  prefix: 'node_vmstat_',
  names: 'oom_kill pgfault pgmajfault pgpgin pgpgout pswpin pswpout',
  define: (field) => ({ type: 'untyped', unit: units[field] ?? 'pages', help: `${field} of /proc/vmstat.` }),
  valuesIn: (reading) => reading.vmstat,
  reason: 'the paging counters could not be read',
});
