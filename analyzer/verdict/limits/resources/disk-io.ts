// Assesses disk I/O: time with requests in flight, bandwidth and await; unknown while the page cache hides it.

import type { HostInterval } from '../../../evidence/load-test-run.ts';
import type { DiskHidden } from '../../../../core/documents/findings/disk-findings.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest, mean } from '../../../../core/statistics/statistics.ts';
import type { ResourceModel } from './model.ts';
import { meanUseOf, useOf } from './use.ts';
import { hiddenByPageCache, tellsOfDisk } from './write-back.ts';

export const diskIo = {
  resource: 'disk-io',
  requires: 'counters of the disks and the write-back settings of the kernel',
  kind: 'disk',

  assess(steps, series) {
    const { node, host } = series;
    const devices = [...new Set(host.intervals.flatMap(({ disks = [] }) => disks.map(({ device }) => device)))];
    const hidden: DiskHidden | undefined =
      devices.length === 0 ? { kind: 'no-disk-counters', host: host.host } : hiddenByPageCache(steps, series);
    if (hidden !== undefined) {
      return { kind: 'unknown', finding: findingOf('disk-unknown', { basis: 'host', node, hidden }) };
    }
    const telling = steps.map((step) => tellsOfDisk(step, series));
    const [busiest] = devices
      .map((device) => {
        const disk = (interval: HostInterval) => interval.disks?.find((each) => each.device === device);
        const uses = steps.map((step, index) =>
          telling[index] ? useOf(step, (interval) => disk(interval)?.busy) : undefined,
        );
        // Write-back occurs in bursts: a second without requests has no await, which is not a gap in the data.
        const awaits = steps.flatMap(({ intervals }, index) => {
          const samples = intervals.flatMap((interval) => disk(interval)?.awaitSeconds ?? []);
          return telling[index] && samples.length > 0 ? [mean(samples)] : [];
        });
        return {
          device,
          uses,
          longestAwait: largest(awaits),
          fullest: Math.max(...uses.map((use) => use?.mean ?? 0)),
          mostWritten: Math.max(
            ...steps.map((step, index) =>
              telling[index] ? (meanUseOf(step, (interval) => disk(interval)?.writtenBytesPerSecond) ?? 0) : 0,
            ),
          ),
        };
      })
      .sort((a, b) => b.fullest - a.fullest);
    const { device, uses, longestAwait, mostWritten } = busiest as NonNullable<typeof busiest>;
    const readBy = host.readBy?.disks ?? '/proc/diskstats';
    const facts = { node, device, writtenBytes: mostWritten, source: `${readBy} of ${host.host}` };
    return {
      kind: 'measured',
      capacity: {
        value: 1,
        unit: 'ratio',
        source: `${device} busy all the time (${readBy}, time with requests in flight)`,
      },
      uses,
      findings: longestAwait === undefined ? [] : [findingOf('disk-await', { ...facts, awaitSeconds: longestAwait })],
    };
  },
} satisfies ResourceModel;
