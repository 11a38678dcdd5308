// Exports kernel-wide counters and the boot time.

import type { KernelActivity } from '../../../core/documents/evidence/host-reading.ts';
import { kernelFigures } from '../../../hosts/node-exporter/names.ts';
import type { HostCollector, Measurement } from '../../collector.ts';

export const kernelActivity = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/stat',
  cost: '1 read',
  metrics: {
    node_boot_time_seconds: { type: 'gauge', help: 'Boot time of the host, in seconds since the epoch.', labels: [] },
    node_intr_total: { type: 'counter', unit: 'interrupts', help: 'Interrupts since boot.', labels: [] },
    node_context_switches_total: {
      type: 'counter',
      unit: 'switches',
      help: 'Context switches since boot.',
      labels: [],
    },
    node_forks_total: { type: 'counter', unit: 'forks', help: 'Processes and threads started since boot.', labels: [] },
    node_procs_running: { type: 'gauge', unit: 'tasks', help: 'Runnable tasks.', labels: [] },
    node_procs_blocked: { type: 'gauge', unit: 'tasks', help: 'Tasks blocked by I/O.', labels: [] },
  },

  collect({ reading: { kernel } }) {
    if (kernel === undefined) return { kind: 'no-data', reason: 'the counters of the kernel could not be read' };
    return { kind: 'ok', measurements: figuresOf(kernel) };
  },
} satisfies HostCollector;

function* figuresOf(kernel: KernelActivity): Iterable<Measurement> {
  for (const [name, metric] of Object.entries(kernelFigures)) {
    const value = kernel[name as keyof KernelActivity];
    if (value !== undefined) yield { metric, labels: [], value };
  }
}
