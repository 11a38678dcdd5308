// Finds steps in which a busy disk wrote less than arrived: the page cache keeps the rest until it is full.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import { dataDisksOf } from '../../limits/resources/data-disks.ts';
import { useOf, wholeWithin } from '../../limits/resources/use.ts';
import { surroundingsOf } from '../../limits/resource-use.ts';
import { bytesOnDisk } from '../../placement/bytes-on-disk.ts';
import { weakened, type Check } from '../check.ts';

/** Least share of the arrived bytes; the size of a stored message is an estimate. */
const leastWritten = 0.9;

export const diskBehind: Check = ({ run, steps, policy }) => {
  const stored = bytesOnDisk(run, steps);
  const behind = surroundingsOf(run).brokers.flatMap((series) => {
    const { node, host } = series;
    const names = new Set(dataDisksOf(host.intervals));
    const perMessage = stored.of(series) ?? 0;
    return steps.flatMap((judged) => {
      const { step, verdict } = judged;
      const observed = { step, intervals: wholeWithin(host.intervals, step.window) };
      const disksIn = ({ disks = [] }: (typeof observed.intervals)[number]) =>
        disks.filter((one) => names.has(one.device));
      const busy = useOf(observed, (interval) => largest(disksIn(interval).map((disk) => disk.busy)))?.mean ?? 0;
      const writtenBytes =
        useOf(observed, (interval) => disksIn(interval).reduce((sum, disk) => sum + disk.writtenBytesPerSecond, 0))
          ?.mean ?? 0;
      const arrivedBytes = perMessage * step.tps;
      const isBehind = busy >= policy.saturation.disk.value && writtenBytes < leastWritten * arrivedBytes;
      return verdict.kind === 'sustained' && isBehind ? [{ judged, node, busy, writtenBytes, arrivedBytes }] : [];
    });
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
