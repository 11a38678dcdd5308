// Assesses memory: unavailable against total bytes; unknown while the page cache still fills.

import { nodeText } from '../../../../core/text/quantity-text.ts';
import type { ResourceModel } from './model.ts';
import { useOf } from './use.ts';
import { hiddenByPageCache, tellsOfDisk } from './write-back.ts';

export const memory = {
  resource: 'memory',
  requires: '/proc/meminfo and the write-back settings of the kernel',
  kind: 'disk',

  assess(steps, series) {
    const { node, host } = series;
    const total = host.intervals.find((interval) => interval.memory)?.memory?.totalBytes;
    const hidden =
      total === undefined ? `${host.host} gave no figures of its memory` : hiddenByPageCache(steps, series);
    if (total === undefined || hidden !== undefined) {
      return {
        kind: 'unknown',
        finding: {
          severity: 'info',
          code: 'memory-unknown',
          message: `Memory and page cache of ${nodeText(node)} are unknown: ${hidden}.`,
          evidence: [],
        },
      };
    }
    return {
      kind: 'measured',
      capacity: { value: total, unit: 'bytes', source: `MemTotal of ${host.host}` },
      uses: steps.map((step) =>
        tellsOfDisk(step, series) ? useOf(step, (interval) => interval.memory?.usedBytes) : undefined,
      ),
      findings: [],
    };
  },
} satisfies ResourceModel;
