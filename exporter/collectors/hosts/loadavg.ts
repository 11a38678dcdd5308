// Exports the load averages.

import type { HostCollector } from '../../collector.ts';
import { labelled } from '../../declare-metrics.ts';

const { gauge } = labelled();

export const loadavg = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/loadavg',
  cost: '1 read',
  metrics: {
    node_load1: gauge('Tasks that ran or waited, averaged over 1 minute.', { unit: 'processes' }),
    node_load5: gauge('Tasks that ran or waited, averaged over 5 minutes.', { unit: 'processes' }),
    node_load15: gauge('Tasks that ran or waited, averaged over 15 minutes.', { unit: 'processes' }),
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
