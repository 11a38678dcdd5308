// Exports NVMe controllers and their state.

import { type HostCollector, labelled } from '../../collector.ts';
import { ifRead } from './if-read.ts';

export const nvme = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/sys/class/nvme',
  cost: '4 reads a controller',
  metrics: {
    node_nvme_info: labelled('device', 'firmware_revision', 'model', 'serial', 'state').gauge(
      'Model, serial number and firmware of an NVMe controller.',
      '1',
    ),
  },

  collect: ({ reading }) =>
    ifRead(reading.nvme, 'the NVMe controllers could not be listed', (controllers) =>
      controllers.map(({ device, firmwareRevision, model, serial, state }) => ({
        metric: 'node_nvme_info',
        labels: [device, firmwareRevision, model, serial, state],
        value: 1,
      })),
    ),
} satisfies HostCollector;
