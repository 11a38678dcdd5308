// Defines the dashboard of broker processes and their garbage collectors.

import { dashboard, hosts, row } from './dashboard.ts';
import { figure, lines, ratesOf, table } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './limits.ts';

const chosen = '{host=~"$host", process=~"$process"}';
const legend = '{{host}} {{process}}';

/** A followed log without such an event is a known 0; without a log there is no value. */
const orNone = `or 0 * max by (host, process) (jvm_gclog_info${chosen})`;

export const jvm = dashboard({
  uid: 'plimsoll-jvm',
  title: 'Plimsoll / JVM and GC log',
  description: 'Are the broker processes running, and what does garbage collection cost them?',
  variables: [hosts, { name: 'process', label: 'Process', series: 'plimsoll_process_up{host=~"$host"}' }],
  annotations: [],
  rows: [
    row('Pauses (GC log)', [
      figure('Time in pauses', {
        description: 'Share of time the JVM was paused, for GC or another safepoint.',
        expr: `sum by (host, process) (rate(jvm_gclog_stopped_seconds_total${chosen}[$__rate_interval])) ${orNone}`,
        limits: { worse: 'above', warn: 0.02, bad: 0.05 },
        decimals: 2,
        width: 12,
      }),
      figure('Heap live set', {
        description: 'Heap in use after the last collection of the old generation, as a share of the maximum heap.',
        expr: `jvm_gclog_live_set_bytes${chosen} / jvm_gclog_heap_max_bytes${chosen}`,
        limits: policyLimits.heap,
        width: 12,
      }),
      figure('Full collections', {
        description: 'Full collections within the time range, without those that System.gc() requested.',
        expr: `sum by (host, process) (increase(jvm_gclog_unrequested_full_collections_total${chosen}[$__range])) ${orNone}`,
        limits: { worse: 'above', warn: 1 },
        width: 8,
      }),
      figure('Pauses over 1 s', {
        description: 'GC pauses longer than 1 s within the time range. Clients can time out.',
        expr: `sum by (host, process) (increase(jvm_gclog_long_pauses_total${chosen}[$__range])) ${orNone}`,
        limits: { worse: 'above', warn: 1 },
        width: 8,
      }),
      figure('Processes up', {
        description: 'Share of monitored processes that are running.',
        expr: `avg(plimsoll_process_up${chosen})`,
        legend: 'up',
        limits: { worse: 'below', warn: 1 },
        width: 8,
      }),
      lines('Pause duration, p99', {
        description: '99th percentile of the pause duration.',
        expr: `histogram_quantile(0.99, sum by (host, process, le) (rate(jvm_gclog_pause_seconds_bucket${chosen}[$__rate_interval]))) >= 0`,
        limits: { worse: 'above', warn: 0.2, bad: 1 },
      }),
      lines('Pauses by reason', {
        description: 'Share of time paused for garbage collection, and for each other safepoint operation.',
        queries: {
          '{{host}} {{process}} GC': `rate(jvm_gclog_stopped_seconds_total{host=~"$host", process=~"$process", reason="gc"}[$__rate_interval])`,
          '{{host}} {{process}} other': `sum by (host, process) (rate(jvm_gclog_stopped_seconds_total{host=~"$host", process=~"$process", reason!="gc"}[$__rate_interval]))`,
        },
        limits: { worse: 'above', warn: 0.05 },
      }),
      lines('Pause rate by type', {
        description: 'Pauses per second of the selected processes of a host, by type of collection.',
        expr: `sum by (host, type) (rate(jvm_gclog_pause_seconds_count${chosen}[$__rate_interval]))`,
      }),
      lines('Time to safepoint, p99', {
        description: '99th percentile. A long time to safepoint points to the host, not to the collector.',
        expr: `histogram_quantile(0.99, sum by (host, process, le) (rate(jvm_gclog_time_to_safepoint_seconds_bucket${chosen}[$__rate_interval]))) >= 0`,
      }),
    ]),
    row('Heap (GC log)', [
      lines('Heap', {
        description:
          'Heap in use before and after the last collection. "Heap live set" above compares the live heap with its maximum.',
        queries: {
          '{{host}} {{process}} before': `jvm_gclog_heap_before_bytes${chosen}`,
          '{{host}} {{process}} after': `jvm_gclog_heap_after_bytes${chosen}`,
        },
      }),
      lines('Allocation and promotion', {
        description: 'Bytes per second allocated in the heap and promoted to the old generation.',
        queries: ratesOf(chosen, legend, {
          allocated: 'jvm_gclog_allocated_bytes_total',
          promoted: 'jvm_gclog_promoted_bytes_total',
        }),
      }),
      lines('Waits for free heap', {
        description:
          'Seconds per second that threads wait for free heap (allocation stalls of ZGC), added up over threads.',
        unit: units.seconds,
        expr: `sum by (host, process) (rate(jvm_gclog_stall_seconds_total${chosen}[$__rate_interval])) ${orNone}`,
        limits: { worse: 'above', warn: 0.05 },
      }),
      table('Collectors', {
        description: 'Collector and version of the JVM that wrote the log, and whether the log can be read.',
        by: { host: 'Host', process: 'Process', collector: 'Collector', version: 'Version' },
        sortBy: 'Host',
        width: 12,
        height: 9,
        columns: {
          'Log read': {
            // Looks back five minutes: a host that was slow at the last scrape still has a followed log.
            expr: `max by (host, process, collector, version) (last_over_time(jvm_gclog_info${chosen}[5m]) * on (host, process) group_left () min by (host, process) (last_over_time(jvm_gclog_success${chosen}[5m])))`,
            texts: { 0: { text: 'not all', color: 'orange' }, 1: { text: 'yes', color: 'green' } },
          },
        },
      }),
    ]),
    row('Process', [
      lines('CPU cores used', {
        description: 'CPU time in user and system mode.',
        expr: `sum by (host, process) (rate(plimsoll_process_cpu_seconds_total${chosen}[$__rate_interval]))`,
      }),
      lines('Busiest thread by group', {
        description: 'Share of one core, shown from 5%. A thread at 100% is saturated even if other cores are idle.',
        expr: `plimsoll_process_thread_busiest_ratio${chosen} > 0.05`,
        legend: '{{host}} {{process}} {{group}}',
        noValue: 'no thread above 5% of a core, or no broker process found',
        limits: policyLimits.core,
      }),
      lines('Memory', {
        description: 'Resident memory (private pages and page cache of mapped files), and swapped-out memory.',
        queries: {
          '{{host}} {{process}} {{part}}': `plimsoll_process_resident_memory_part_bytes{host=~"$host", process=~"$process", part=~"anonymous|file"}`,
          '{{host}} swapped out': `sum by (host) (plimsoll_process_swap_bytes${chosen})`,
        },
      }),
      lines('Open files and memory maps', {
        description: 'Open files and memory maps as a share of the limit of the process.',
        queries: {
          '{{host}} {{process}} files': `plimsoll_process_open_fds${chosen} / plimsoll_process_max_fds${chosen}`,
          '{{host}} {{process}} maps': `plimsoll_process_memory_maps${chosen} / on (host) group_left () plimsoll_host_memory_maps_limit{host=~"$host"}`,
        },
        limits: { worse: 'above', warn: 0.8 },
      }),
      lines('Restarts', {
        description: 'Restarts per hour.',
        unit: units.count,
        expr: `rate(plimsoll_process_restarts_total${chosen}[$__rate_interval]) * 3600`,
      }),
      lines('Container CPU throttling', {
        description: 'Share of the scheduling periods in which the CPU limit of the container stopped it.',
        expr: `rate(plimsoll_process_cgroup_cpu_throttled_periods_total${chosen}[$__rate_interval]) / (rate(plimsoll_process_cgroup_cpu_periods_total${chosen}[$__rate_interval]) > 0)`,
        limits: { worse: 'above', warn: 0.1 },
        max: 1,
      }),
    ]),
  ],
});
