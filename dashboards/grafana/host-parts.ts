// Defines the rows of the host dashboard for disks, cores and memory.

import { row, type PanelRow } from './dashboard.ts';
import { lines, ratesOf } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './policy-limits.ts';
import { chosenHosts } from './variable.ts';

const chosen = `{${chosenHosts}}`;

export const disks: PanelRow = row('Disks', [
  lines('iowait', {
    description:
      'Share of CPU time that was idle while I/O was outstanding. It does not prove a disk limit: compare it with PSI and await.',
    unit: units.ratio,
    expr: `avg by (host) (rate(node_cpu_seconds_total{${chosenHosts}, mode="iowait"}[$__rate_interval]))`,
    legend: '{{host}}',
  }),
  lines('I/O pressure (PSI)', {
    description: 'Share of time in which some tasks, or all tasks, waited for I/O.',
    unit: units.ratio,
    queries: ratesOf(chosen, '{{host}}', {
      some: 'node_pressure_io_waiting_seconds_total',
      all: 'node_pressure_io_stalled_seconds_total',
    }),
    max: 1,
  }),
  lines('Disk latency (await)', {
    description: 'Mean time of a read or write; no value while there is none.',
    unit: units.seconds,
    expr: `(rate(node_disk_read_time_seconds_total${chosen}[$__rate_interval]) + rate(node_disk_write_time_seconds_total${chosen}[$__rate_interval])) / ((rate(node_disk_reads_completed_total${chosen}[$__rate_interval]) + rate(node_disk_writes_completed_total${chosen}[$__rate_interval])) > 0)`,
    legend: '{{host}} {{device}}',
    limits: { worse: 'above', warn: 0.1 },
  }),
  lines('Disk busy', {
    description: 'At 100%, a spinning disk is saturated. A flash disk may have capacity left.',
    unit: units.ratio,
    expr: `rate(node_disk_io_time_seconds_total${chosen}[$__rate_interval])`,
    legend: '{{host}} {{device}}',
    max: 1,
  }),
  lines('Disk queue', {
    description: 'Reads and writes in flight, on average.',
    expr: `rate(node_disk_io_time_weighted_seconds_total${chosen}[$__rate_interval])`,
    legend: '{{host}} {{device}}',
  }),
  lines('Disk throughput', {
    description: 'Bytes read and written.',
    unit: units.bytesPerSecond,
    queries: ratesOf(chosen, '{{host}} {{device}}', {
      read: 'node_disk_read_bytes_total',
      written: 'node_disk_written_bytes_total',
    }),
  }),
]);

export const coresAndMemory: PanelRow = row('CPU and memory', [
  lines('CPU busy', {
    description: 'Share of CPU time that was neither idle, nor iowait, nor steal.',
    unit: units.ratio,
    expr: `1 - avg by (host) (sum by (host, cpu) (max by (host, cpu, mode) (rate(node_cpu_seconds_total{${chosenHosts}, mode=~"idle|iowait|steal"}[$__rate_interval]))))`,
    legend: '{{host}}',
    limits: policyLimits.cpu,
    max: 1,
  }),
  lines('CPU steal', {
    description: 'Share of CPU time that the hypervisor gave to other guests.',
    unit: units.ratio,
    expr: `avg by (host) (rate(node_cpu_seconds_total{${chosenHosts}, mode="steal"}[$__rate_interval]))`,
    legend: '{{host}}',
  }),
  lines('Memory', {
    description: 'Reads of recent messages are served from the page cache.',
    unit: units.bytes,
    queries: {
      '{{host}} available': `node_memory_MemAvailable_bytes${chosen}`,
      '{{host}} page cache': `node_memory_Cached_bytes${chosen}`,
      '{{host}} dirty': `node_memory_Dirty_bytes${chosen}`,
    },
  }),
  lines('Swap', {
    description: 'Pages moved between memory and swap. A broker pauses while its pages are read back.',
    unit: units.perSecond,
    queries: ratesOf(chosen, '{{host}}', { in: 'node_vmstat_pswpin', out: 'node_vmstat_pswpout' }),
    limits: { worse: 'above', warn: 100 },
  }),
  lines('Softnet backlog drops', {
    description: 'Times a core ran out of its packet budget (squeezed), and packets dropped for lack of backlog space.',
    unit: units.perSecond,
    queries: {
      '{{host}} squeezed': `sum by (host) (rate(node_softnet_times_squeezed_total${chosen}[$__rate_interval]))`,
      '{{host}} dropped': `sum by (host) (rate(node_softnet_dropped_total${chosen}[$__rate_interval]))`,
    },
  }),
  lines('TCP retransmits', {
    description: 'Retransmissions indicate a saturated or faulty link.',
    unit: units.perSecond,
    expr: `rate(node_netstat_Tcp_RetransSegs${chosen}[$__rate_interval])`,
    legend: '{{host}}',
  }),
]);
