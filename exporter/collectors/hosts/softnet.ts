// Exports packets that each core processed, dropped or deferred.

import { type HostCollector, labelled } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { counter } = labelled('cpu');

export const softnet = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/softnet_stat',
  cost: '1 read',
  metrics: {
    node_softnet_processed_total: counter('Packets processed by the core.', 'packets'),
    node_softnet_dropped_total: counter('Packets dropped because the backlog of the core was full.', 'packets'),
    node_softnet_times_squeezed_total: counter('Times the core exhausted its budget of time or packets (squeezed).', {
      unit: 'times',
    }),
  },

  collect: ({ reading }) =>
    ifRead(reading.softnet, 'the packet counters of the cores could not be read', (cores) =>
      cores.flatMap(({ cpu, processed, dropped, timesSqueezed }) => [
        { metric: 'node_softnet_processed_total', labels: [String(cpu)], value: processed },
        { metric: 'node_softnet_dropped_total', labels: [String(cpu)], value: dropped },
        { metric: 'node_softnet_times_squeezed_total', labels: [String(cpu)], value: timesSqueezed },
      ]),
    ),
} satisfies HostCollector;
