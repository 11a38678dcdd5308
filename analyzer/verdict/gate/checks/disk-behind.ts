// Finds steps in which a busy disk wrote less than arrived: the page cache keeps the rest until it is full.

import type { HostInterval, Span } from '../../../evidence/load-test-run.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import { dataDisksOf } from '../../limits/resources/data-disks.ts';
import { meanUseOf, wholeWithin } from '../../limits/resources/use.ts';
import { array } from '../../limits/resources/write-back.ts';
import { surroundingsOf } from '../../limits/resource-use.ts';
import { bytesOnDisk } from '../../placement/bytes-on-disk.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import { weakened, type Check } from '../check.ts';

/** Least share of the arrived bytes; the size of a stored message is an estimate. */
const leastWritten = 0.9;
/** Age of dirty pages at which Linux writes them by default (vm.dirty_expire_centisecs). */
const defaultExpireSeconds = 30;

/** Expired pages are written late, and a device can be busy without being full: what it wrote in any step, it can write. */
export const diskBehind: Check = ({ run, steps, policy }) => {
  const stored = bytesOnDisk(run, steps, 'smallest');
  const behind = surroundingsOf(run).brokers.flatMap((series) => {
    const { node, host } = series;
    const names = new Set(dataDisksOf(host.intervals));
    const perMessage = stored.of(series) ?? 0;
    const ageSeconds = host.inventory?.writeback?.expireSeconds ?? defaultExpireSeconds;
    const seen = steps.map((judged) => {
      const { step } = judged;
      const observed = { step, intervals: wholeWithin(host.intervals, step.window) };
      const busyIn = ({ disks = [] }: HostInterval) =>
        largest(disks.flatMap(({ device, busy }) => (names.has(device) ? busy : [])));
      const [busy = 0, writtenBytes = 0] = [
        busyIn,
        (each: HostInterval) => each.disks && writtenTo(names, each.disks),
      ].map((value) => meanUseOf(observed, value));
      const expiredBytes = perMessage * meanRate(steps, step.window, ageSeconds);
      return { judged, node, busy, writtenBytes, arrivedBytes: perMessage * step.tps, expiredBytes };
    });
    const most = Math.max(...seen.map(({ writtenBytes }) => writtenBytes));
    const sustained = seen.filter(({ judged }) => judged.verdict.kind === 'sustained');
    const full = sustained.filter(({ busy }) => busy >= policy.saturation.disk.value);
    const dues = [
      { due: 'arrivedBytes', least: 1 },
      // Bytes that are written at once, but compressed, may be as many as had expired in one step.
      { due: 'expiredBytes', least: 2 },
    ] as const;
    const judgedDues = dues.map(({ due, least }) => {
      const shares = seen.flatMap(({ writtenBytes, [due]: bytes }) => (bytes > 0 ? writtenBytes / bytes : []));
      const alike = shares.filter((share) => share >= leastWritten && share <= 1 / leastWritten);
      // Stored messages may be compressed: where the largest share was written, all were.
      const written = Math.min(1, Math.max(0, ...shares));
      return {
        isFound: alike.length >= least,
        isBehind: full.some((each) => most < leastWritten * written * each[due]),
      };
    });
    const found = judgedDues.filter(({ isFound }) => isFound);
    if (!(found.length > 0 ? found : judgedDues).every(({ isBehind }) => isBehind)) return [];
    return sustained.filter(({ arrivedBytes }) => most < leastWritten * arrivedBytes);
  });
  const [first] = behind.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps);
  if (first === undefined) return [];
  const { judged, expiredBytes: _, ...facts } = first;
  return [
    weakened(
      behind.map((each) => each.judged),
      findingOf('disk-behind', { ...facts, tps: judged.step.tps }),
    ),
  ];
};

/** @returns messages per second so many seconds before the window; none before the first step */
function meanRate(steps: readonly JudgedStep[], { from, to }: Span, before: number): number {
  const messages = steps.map(({ step: { recorded, tps } }) => {
    return tps * Math.max(0, Math.min(recorded.to, to - before) - Math.max(recorded.from, from - before));
  });
  return messages.reduce((sum, each) => sum + each, 0) / (to - from);
}

/** @returns the most that the disks or a device stacked on them can have received */
function writtenTo(names: ReadonlySet<string>, disks: NonNullable<HostInterval['disks']>): number {
  const sumOf = (isCounted: (device: string) => boolean) =>
    disks.reduce((sum, each) => sum + (isCounted(each.device) ? each.writtenBytesPerSecond : 0), 0);
  return Math.max(
    sumOf((device) => names.has(device)) - sumOf((device) => array.test(device)),
    ...disks.map((each) => each.writtenBytesPerSecond),
  );
}
