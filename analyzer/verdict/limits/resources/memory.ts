// Assesses memory: unavailable bytes of the total; unknown while the page cache still fills.

import type { DiskHidden } from '../../../../core/documents/findings/disk-findings.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Assessment, ResourceModel } from './model.ts';
import { useOf } from './use.ts';
import { hiddenByPageCache, tellsOfDisk } from './write-back.ts';

export const memory = {
  resource: 'memory',
  requires: '/proc/meminfo and the write-back settings of the kernel',
  kind: 'disk',

  assess(steps, series) {
    const { node, host } = series;
    const total = host.intervals.find((interval) => interval.memory)?.memory?.totalBytes;
    const unknown = (hidden: DiskHidden): Assessment => ({
      kind: 'unknown',
      finding: findingOf('memory-unknown', { node, hidden }),
    });
    if (total === undefined) return unknown({ kind: 'no-memory-figures', host: host.host });
    const hidden = hiddenByPageCache(steps, series);
    if (hidden !== undefined) return unknown(hidden);
    return {
      kind: 'measured',
      capacity: { value: total, unit: 'bytes', source: `MemTotal of ${host.host}` },
      uses: steps.map((step) =>
        tellsOfDisk(step, series) ? useOf(step, (interval) => interval.memory?.usedBytes) : undefined,
      ),
    };
  },
} satisfies ResourceModel;
