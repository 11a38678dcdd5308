// Exports kernel-wide counters and the boot time.

import type { KernelActivity } from '../../../core/documents/evidence/host-reading.ts';
import { kernelFigures } from '../../../hosts/node-exporter/names.ts';
import { type HostCollector, known, labelled } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge, counter } = labelled();

export const kernelActivity = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/stat',
  cost: '1 read',
  metrics: {
    node_boot_time_seconds: gauge('Boot time of the host, in seconds since the epoch.'),
    node_intr_total: counter('Interrupts since boot.', 'interrupts'),
    node_context_switches_total: counter('Context switches since boot.', 'switches'),
    node_forks_total: counter('Processes and threads started since boot.', 'forks'),
    node_procs_running: gauge('Runnable tasks.', 'tasks'),
    node_procs_blocked: gauge('Tasks blocked by I/O.', 'tasks'),
  },

  collect: ({ reading: { kernel } }) =>
    ifRead(kernel, 'the counters of the kernel could not be read', (activity) =>
      Object.entries(kernelFigures).flatMap(([name, metric]) =>
        known(metric, [], activity[name as keyof KernelActivity]),
      ),
    ),
} satisfies HostCollector;
