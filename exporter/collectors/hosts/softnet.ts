// Exports packets that each core processed, dropped or deferred.

import type { HostCollector } from '../../collector.ts';

const labels = ['cpu'];

export const softnet = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/softnet_stat',
  cost: '1 read',
  metrics: {
    node_softnet_processed_total: { type: 'counter', unit: 'packets', help: 'Packets processed by the core.', labels },
    node_softnet_dropped_total: {
      type: 'counter',
      unit: 'packets',
      help: 'Packets dropped because the backlog of the core was full.',
      labels,
    },
    node_softnet_times_squeezed_total: {
      type: 'counter',
      unit: 'times',
      help: 'Times the core exhausted its budget of time or packets (squeezed).',
      labels,
    },
  },

  collect({ reading: { softnet: cores } }) {
    if (cores === undefined) return { kind: 'no-data', reason: 'the packet counters of the cores could not be read' };
    const measurements = cores.flatMap(({ cpu, processed, dropped, timesSqueezed }) => [
      { metric: 'node_softnet_processed_total', labels: [String(cpu)], value: processed },
      { metric: 'node_softnet_dropped_total', labels: [String(cpu)], value: dropped },
      { metric: 'node_softnet_times_squeezed_total', labels: [String(cpu)], value: timesSqueezed },
    ]);
    return { kind: 'ok', measurements };
  },
} satisfies HostCollector;
