// Exports pressure stall times for CPU, memory and I/O.

import { ok, allKnown, type HostCollector, labelled } from '../../collector.ts';

const { counter } = labelled();

export const pressure = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/pressure',
  cost: 'a few reads',
  metrics: {
    node_pressure_cpu_waiting_seconds_total: counter('Time in which some tasks waited for a CPU.'),
    node_pressure_io_waiting_seconds_total: counter('Time in which some task waited for I/O.'),
    node_pressure_io_stalled_seconds_total: counter('Time in which every task that could run waited for I/O.'),
    node_pressure_memory_waiting_seconds_total: counter('Time in which some task waited for memory.'),
    node_pressure_memory_stalled_seconds_total: counter('Time in which every task that could run waited for memory.'),
  },

  collect({ reading: { pressure } }) {
    if (pressure === undefined)
      return { kind: 'unsupported', reason: 'the kernel keeps no pressure stall information' };
    const { cpu, io, memory } = pressure;
    return ok(
      allKnown([], {
        node_pressure_cpu_waiting_seconds_total: cpu?.someSeconds,
        node_pressure_io_waiting_seconds_total: io?.someSeconds,
        node_pressure_io_stalled_seconds_total: io?.fullSeconds,
        node_pressure_memory_waiting_seconds_total: memory?.someSeconds,
        node_pressure_memory_stalled_seconds_total: memory?.fullSeconds,
      }),
    );
  },
} satisfies HostCollector;
