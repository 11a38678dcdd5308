// Exports kernel memory settings that affect brokers: swappiness, huge pages, map limit.

import { ok, allKnown, type HostCollector, known, labelled } from '../../collector.ts';

const { gauge } = labelled();

export const memorySettings = {
  of: 'host',
  source: '/proc/sys/vm and /sys/kernel/mm/transparent_hugepage',
  cost: '3 reads',
  metrics: {
    plimsoll_host_swappiness: gauge(
      'Tendency of the kernel to swap instead of dropping file pages (vm.swappiness); 1 is recommended for brokers.',
      '0 to 200',
    ),
    plimsoll_host_memory_maps_limit: gauge(
      'Memory maps a process may have (vm.max_map_count); each log segment needs two or more.',
      'maps',
    ),
    plimsoll_host_transparent_huge_pages_info: labelled('mode').gauge(
      'Mode of transparent huge pages: always, madvise or never.',
      '1',
    ),
  },

  collect({ reading: { memorySettings: settings } }) {
    // On Linux at least one of the files always exists; a node_exporter reports none.
    if (settings === undefined) return { kind: 'unsupported', reason: 'this source shows no settings of the kernel' };
    const { swappiness, maxMapCount, transparentHugePages } = settings;
    const measurements = allKnown([], {
      plimsoll_host_swappiness: swappiness,
      plimsoll_host_memory_maps_limit: maxMapCount,
    });
    if (transparentHugePages !== undefined)
      measurements.push(...known('plimsoll_host_transparent_huge_pages_info', [transparentHugePages], 1));
    return ok(measurements);
  },
} satisfies HostCollector;
