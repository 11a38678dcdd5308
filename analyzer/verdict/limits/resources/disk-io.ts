// Assesses disk I/O: time with requests in flight, bandwidth and await; unknown while the page cache hides it.

import type { HostInterval } from '../../../evidence/load-test-run.ts';
import { capacityText, nodeText } from '../../../../core/text/quantity-text.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import type { ResourceModel } from './model.ts';
import { useOf } from './use.ts';
import { hiddenByPageCache, tellsOfDisk } from './write-back.ts';
import { durationText } from '../../../../core/text/duration-text.ts';

export const diskIo = {
  resource: 'disk-io',
  requires: 'counters of the disks and the write-back settings of the kernel',
  kind: 'disk',

  assess(steps, series) {
    const { node, host } = series;
    const devices = [...new Set(host.intervals.flatMap(({ disks = [] }) => disks.map(({ device }) => device)))];
    const hidden = devices.length === 0 ? `${host.host} gave no counters of disks` : hiddenByPageCache(steps, series);
    if (hidden !== undefined) {
      return {
        kind: 'unknown',
        finding: {
          severity: 'info',
          code: 'disk-unknown',
          message: `The disk of ${nodeText(node)} is unknown and may be a ceiling: ${hidden}.`,
          evidence: [],
        },
      };
    }
    const telling = steps.map((step) => tellsOfDisk(step, series));
    const [busiest] = devices
      .map((device) => {
        const disk = (interval: HostInterval) => interval.disks?.find((each) => each.device === device);
        const uses = steps.map((step, index) =>
          telling[index] ? useOf(step, (interval) => disk(interval)?.busy) : undefined,
        );
        // Write-back comes in bursts: a second without a request has no wait, and is no gap in the reading.
        const awaits = steps.flatMap(({ intervals }, index) => {
          const samples = intervals.flatMap((interval) => disk(interval)?.awaitSeconds ?? []);
          return telling[index] && samples.length > 0 ? [mean(samples)] : [];
        });
        return {
          device,
          uses,
          longestAwait: awaits.length > 0 ? Math.max(...awaits) : undefined,
          fullest: Math.max(...uses.map((use) => use?.mean ?? 0)),
          mostWritten: Math.max(
            ...steps.map((step, index) =>
              telling[index] ? (useOf(step, (interval) => disk(interval)?.writtenBytesPerSecond)?.mean ?? 0) : 0,
            ),
          ),
        };
      })
      .sort((a, b) => b.fullest - a.fullest);
    const { device, uses, longestAwait, mostWritten } = busiest as NonNullable<typeof busiest>;
    return {
      kind: 'measured',
      capacity: {
        value: 1,
        unit: 'ratio',
        source: `${device} busy all the time (${host.readBy?.disks ?? '/proc/diskstats'}, time with requests in flight)`,
      },
      uses,
      findings:
        longestAwait === undefined
          ? []
          : [
              {
                severity: 'info',
                code: 'disk-await',
                message: `A request to ${device} of ${nodeText(node)} took up to ${durationText(longestAwait)} in the mean of a step, and up to ${capacityText(mostWritten, 'bytes/s')} were written. A device that serves requests in parallel can be busy all the time and carry more.`,
                evidence: [
                  {
                    name: 'await',
                    value: longestAwait,
                    unit: 's',
                    source: `${host.readBy?.disks ?? '/proc/diskstats'} of ${host.host}`,
                  },
                  {
                    name: 'written',
                    value: mostWritten,
                    unit: 'bytes/s',
                    source: `${host.readBy?.disks ?? '/proc/diskstats'} of ${host.host}, mean of the highest step`,
                  },
                ],
              },
            ],
    };
  },
} satisfies ResourceModel;
