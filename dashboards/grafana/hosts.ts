// Defines the dashboard of broker hosts: network cards per direction, disks, cores and memory.

import { chosenHosts, dashboard, hosts, type PanelRow, row } from './dashboard.ts';
import { figure, lines, ratesOf } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './limits.ts';

const chosen = `{${chosenHosts}}`;

const disks: PanelRow = row('Disks', [
  lines('iowait', {
    description:
      'Share of CPU time that was idle while I/O was outstanding. It does not prove a disk limit: compare it with PSI and await.',
    expr: `avg by (host) (rate(node_cpu_seconds_total{${chosenHosts}, mode="iowait"}[$__rate_interval]))`,
  }),
  lines('I/O pressure (PSI)', {
    description: 'Share of time in which some tasks, or all tasks, waited for I/O.',
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
    limits: { worse: 'above', warn: 0.1 },
  }),
  lines('Disk busy', {
    description: 'At 100%, a spinning disk is saturated. A flash disk may have capacity left.',
    expr: `rate(node_disk_io_time_seconds_total${chosen}[$__rate_interval])`,
    max: 1,
  }),
  lines('Disk queue', {
    description: 'Reads and writes in flight, on average.',
    unit: units.count,
    expr: `rate(node_disk_io_time_weighted_seconds_total${chosen}[$__rate_interval])`,
  }),
  lines('Disk throughput', {
    description: 'Bytes read and written.',
    queries: ratesOf(chosen, '{{host}} {{device}}', {
      read: 'node_disk_read_bytes_total',
      written: 'node_disk_written_bytes_total',
    }),
  }),
]);

/** Defines the rows of the host dashboard for disks, cores and memory. */
const coresAndMemory: PanelRow = row('CPU and memory', [
  lines('CPU busy', {
    description: 'Share of CPU time that was neither idle, nor iowait, nor steal.',
    expr: `1 - avg by (host) (sum by (host, cpu) (max by (host, cpu, mode) (rate(node_cpu_seconds_total{${chosenHosts}, mode=~"idle|iowait|steal"}[$__rate_interval]))))`,
    limits: policyLimits.cpu,
    max: 1,
  }),
  lines('CPU steal', {
    description: 'Share of CPU time that the hypervisor gave to other guests.',
    expr: `avg by (host) (rate(node_cpu_seconds_total{${chosenHosts}, mode="steal"}[$__rate_interval]))`,
  }),
  lines('Memory', {
    description: 'Reads of recent messages are served from the page cache.',
    queries: {
      '{{host}} available': `node_memory_MemAvailable_bytes${chosen}`,
      '{{host}} page cache': `node_memory_Cached_bytes${chosen}`,
      '{{host}} dirty': `node_memory_Dirty_bytes${chosen}`,
    },
  }),
  lines('Swap', {
    description: 'Pages moved between memory and swap. A broker pauses while its pages are read back.',
    queries: ratesOf(chosen, '{{host}}', { in: 'node_vmstat_pswpin', out: 'node_vmstat_pswpout' }),
    limits: { worse: 'above', warn: 100 },
  }),
  lines('Softnet backlog drops', {
    description: 'Times a core ran out of its packet budget (squeezed), and packets dropped for lack of backlog space.',
    queries: {
      '{{host}} squeezed': `sum by (host) (rate(node_softnet_times_squeezed_total${chosen}[$__rate_interval]))`,
      '{{host}} dropped': `sum by (host) (rate(node_softnet_dropped_total${chosen}[$__rate_interval]))`,
    },
  }),
  lines('TCP retransmits', {
    description: 'Retransmissions indicate a saturated or faulty link.',
    expr: `rate(node_netstat_Tcp_RetransSegs${chosen}[$__rate_interval])`,
  }),
]);

/** Physical cards, whose counters include the traffic of bonds and virtual cards on top of them. */
const cards = `{${chosenHosts}, device!~"lo|veth.+|docker.+|br-.+|cali.+|cni.+|flannel.+|virbr.+|dummy.+|ifb.+|bond.+"}`;

export const hostsAndCards = dashboard({
  uid: 'plimsoll-hosts',
  title: 'Plimsoll / Hosts and network cards',
  description: 'Which resource of a broker host is close to its limit?',
  variables: [hosts],
  annotations: [],
  rows: [
    row('Network', [
      figure('Network utilization, highest', {
        description: 'Share of the link speed used, in the busier direction.',
        expr: `max by (host) (plimsoll_host_link_utilisation_ratio${chosen})`,
        limits: policyLimits.link,
      }),
      figure('Busiest core', {
        description:
          'Busiest core. A single thread or the interrupts of a card can saturate one core while the others are idle.',
        expr: `plimsoll_host_hottest_core_ratio${chosen}`,
        limits: policyLimits.core,
      }),
      figure('I/O pressure', {
        description: 'Share of time in which some task waited for I/O (PSI).',
        expr: `rate(node_pressure_io_waiting_seconds_total${chosen}[$__rate_interval])`,
        limits: { worse: 'above', warn: 0.3, bad: 0.6 },
      }),
      figure('Memory available', {
        description: 'Share of memory that is available without swapping.',
        expr: `node_memory_MemAvailable_bytes${chosen} / node_memory_MemTotal_bytes${chosen}`,
        limits: { worse: 'below', warn: 0.15, bad: 0.05 },
      }),
      figure('File system used, highest', {
        description: 'Share used of the fullest file system.',
        expr: `max by (host) (1 - node_filesystem_avail_bytes${chosen} / (node_filesystem_size_bytes${chosen} > 0))`,
        limits: { worse: 'above', warn: 0.7, bad: 0.95 },
      }),
      figure('Hosts up', {
        description: 'Share of hosts that could be read at the last scrape.',
        expr: `avg(plimsoll_host_up${chosen})`,
        legend: 'read',
        limits: { worse: 'below', warn: 1, bad: 0.5 },
      }),
      lines('Network utilization', {
        description:
          'Share of the link speed used in each direction. Includes preamble and inter-frame gap, which counters do not show.',
        expr: `plimsoll_host_link_utilisation_ratio${chosen}`,
        limits: policyLimits.link,
      }),
      lines('Network throughput', {
        description: 'Bytes received and sent by physical cards.',
        queries: ratesOf(cards, '{{host}} {{device}}', {
          received: 'node_network_receive_bytes_total',
          sent: 'node_network_transmit_bytes_total',
        }),
      }),
      lines('Link speed', {
        description: 'Speed of a card in one direction. No value where it is unknown.',
        expr: `plimsoll_host_link_speed_bytes${chosen}`,
      }),
      lines('Network bursts, 100 ms', {
        description: 'Bytes per second in the busiest 100 ms, which the mean over a scrape interval hides.',
        expr: `plimsoll_host_link_burst_bytes${cards}`,
      }),
      lines('Packet errors and drops', {
        description: 'Packets with errors and packets dropped.',
        queries: {
          '{{host}} {{device}} received': `rate(node_network_receive_errs_total${cards}[$__rate_interval]) + rate(node_network_receive_drop_total${cards}[$__rate_interval])`,
          '{{host}} {{device}} sent': `rate(node_network_transmit_errs_total${cards}[$__rate_interval]) + rate(node_network_transmit_drop_total${cards}[$__rate_interval])`,
        },
        width: 24,
      }),
    ]),
    disks,
    coresAndMemory,
  ],
});
