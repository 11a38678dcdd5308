// Exports the load averages.

import { type HostCollector, labelled } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge } = labelled();

export const loadavg = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/loadavg',
  cost: '1 read',
  metrics: {
    node_load1: gauge('Tasks that ran or waited, averaged over 1 minute.', 'processes'),
    node_load5: gauge('Tasks that ran or waited, averaged over 5 minutes.', 'processes'),
    node_load15: gauge('Tasks that ran or waited, averaged over 15 minutes.', 'processes'),
  },

  collect: ({ reading: { load } }) =>
    ifRead(load, 'the load average could not be read', ({ one, five, fifteen }) => [
      { metric: 'node_load1', labels: [], value: one },
      { metric: 'node_load5', labels: [], value: five },
      { metric: 'node_load15', labels: [], value: fifteen },
    ]),
} satisfies HostCollector;
