// Exports kernel memory settings that affect brokers: swappiness, huge pages, map limit.

import type { HostCollector, Measurement } from '../../collector.ts';

export const memorySettings = {
  of: 'host',
  follows: 'ours',
  source: '/proc/sys/vm and /sys/kernel/mm/transparent_hugepage',
  cost: '3 reads',
  metrics: {
    plimsoll_host_swappiness: {
      type: 'gauge',
      unit: '0 to 200',
      help: 'How willingly the kernel swaps processes out rather than drop file pages; brokers want 1.',
      labels: [],
    },
    plimsoll_host_memory_maps_limit: {
      type: 'gauge',
      unit: 'maps',
      help: 'Memory maps one process may have (vm.max_map_count); each segment of a log takes two or more.',
      labels: [],
    },
    plimsoll_host_transparent_huge_pages_info: {
      type: 'gauge',
      unit: '1',
      help: 'Who gets huge pages without asking: always, madvise or never.',
      labels: ['mode'],
    },
  },

  collect({ reading: { memorySettings: settings } }) {
    if (settings === undefined) return { kind: 'no-data', reason: 'the settings of the kernel could not be read' };
    const { swappiness, maxMapCount, transparentHugePages } = settings;
    const measurements: Measurement[] = [
      ...(swappiness === undefined ? [] : [{ metric: 'plimsoll_host_swappiness', labels: [], value: swappiness }]),
      ...(maxMapCount === undefined
        ? []
        : [{ metric: 'plimsoll_host_memory_maps_limit', labels: [], value: maxMapCount }]),
      ...(transparentHugePages === undefined
        ? []
        : [{ metric: 'plimsoll_host_transparent_huge_pages_info', labels: [transparentHugePages], value: 1 }]),
    ];
    return { kind: 'ok', measurements };
  },
} satisfies HostCollector;
