// How many tasks ran or waited, on average?

import type { HostCollector } from '../collector.ts';

export const loadavg = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  metrics: {
    node_load1: { type: 'gauge', help: '1m load average.', labels: [] },
    node_load5: { type: 'gauge', help: '5m load average.', labels: [] },
    node_load15: { type: 'gauge', help: '15m load average.', labels: [] },
  },

  collect({ reading: { load } }) {
    if (load === undefined) return { kind: 'no-data', reason: 'the load average could not be read' };
    return {
      kind: 'ok',
      measurements: [
        { metric: 'node_load1', labels: [], value: load.one },
        { metric: 'node_load5', labels: [], value: load.five },
        { metric: 'node_load15', labels: [], value: load.fifteen },
      ],
    };
  },
} satisfies HostCollector;
