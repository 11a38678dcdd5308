// Finds steps in which a busy disk wrote less than arrived: the page cache keeps the rest until it is full.

import type { HostInterval } from '../../../evidence/load-test-run.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import { dataDisksOf } from '../../limits/resources/data-disks.ts';
import { useOf, wholeWithin } from '../../limits/resources/use.ts';
import { array } from '../../limits/resources/write-back.ts';
import { surroundingsOf } from '../../limits/resource-use.ts';
import { bytesOnDisk } from '../../placement/bytes-on-disk.ts';
import { weakened, type Check } from '../check.ts';

/** Least share of the arrived bytes; the size of a stored message is an estimate. */
const leastWritten = 0.9;

/** Expired pages are written late, and a device can be busy without being full: what it wrote in any step, it can write. */
export const diskBehind: Check = ({ run, steps, policy }) => {
  const stored = bytesOnDisk(run, steps, 'smallest');
  const behind = surroundingsOf(run).brokers.flatMap((series) => {
    const { node, host } = series;
    const names = new Set(dataDisksOf(host.intervals));
    const perMessage = stored.of(series) ?? 0;
    const seen = steps.map((judged) => {
      const { step } = judged;
      const observed = { step, intervals: wholeWithin(host.intervals, step.window) };
      const busyIn = ({ disks = [] }: HostInterval) =>
        largest(disks.flatMap(({ device, busy }) => (names.has(device) ? busy : [])));
      const [busy = 0, writtenBytes = 0] = [
        busyIn,
        (each: HostInterval) => each.disks && writtenTo(names, each.disks),
      ].map((value) => useOf(observed, value)?.mean);
      return { judged, node, busy, writtenBytes, arrivedBytes: perMessage * step.tps };
    });
    const most = Math.max(...seen.map(({ writtenBytes }) => writtenBytes));
    return seen.filter(
      ({ judged, busy, arrivedBytes }) =>
        judged.verdict.kind === 'sustained' &&
        busy >= policy.saturation.disk.value &&
        most < leastWritten * arrivedBytes,
    );
  });
  const [first] = behind.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps);
  if (first === undefined) return [];
  const { judged, ...facts } = first;
  return [
    weakened(
      behind.map((each) => each.judged),
      findingOf('disk-behind', { ...facts, tps: judged.step.tps }),
    ),
  ];
};

/** @returns the most that the disks or a device stacked on them can have received */
function writtenTo(names: ReadonlySet<string>, disks: NonNullable<HostInterval['disks']>): number {
  const sumOf = (isCounted: (device: string) => boolean) =>
    disks.reduce((sum, each) => sum + (isCounted(each.device) ? each.writtenBytesPerSecond : 0), 0);
  return Math.max(
    sumOf((device) => names.has(device)) - sumOf((device) => array.test(device)),
    ...disks.map((each) => each.writtenBytesPerSecond),
  );
}
