// Exports CPU seconds by core and mode.

import type { CpuTimes } from '../../../core/documents/evidence/host-reading.ts';
import { type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { counter } = labelled('cpu', 'mode');

export const cpu = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/stat',
  cost: '1 read',
  metrics: {
    node_cpu_seconds_total: counter('Time since boot that each core spent in each mode.', {
      differs: 'where a kernel keeps no account of iowait, softirq or steal (macOS, Windows) the mode reads 0',
    }),
    node_cpu_guest_seconds_total: counter('Time each core ran virtual machines; also counted in user and nice.'),
  },

  collect: ({ reading: { cpus } }) => ifRead(cpus, 'the CPU times could not be read', timesOf),
} satisfies HostCollector;

function* timesOf(cpus: readonly CpuTimes[]): Iterable<Measurement> {
  for (const [index, { cpu: number = index, guest, guestNice, ...modes }] of cpus.entries()) {
    const core = String(number);
    for (const [mode, value] of Object.entries(modes)) {
      yield { metric: 'node_cpu_seconds_total', labels: [core, mode], value };
    }
    yield* known('node_cpu_guest_seconds_total', [core, 'user'], guest);
    yield* known('node_cpu_guest_seconds_total', [core, 'nice'], guestNice);
  }
}
