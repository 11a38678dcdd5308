import { expect, test } from 'vitest';
import { lagsOf } from '../../../../brokers/kafka/inspect/lags.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../../../brokers/snapshot.ts';
import { WatchedCourse } from '../../../../service/grading/watched-course.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-10T12:00:00Z');

/** @param at minutes after noon, by the wall clock, at which the cluster was read */
function watched(...at: readonly number[]) {
  const course = new WatchedCourse();
  const snapshot = { cluster: { brokers: [{ id: '1' }] }, groups: [], sections: [] } as unknown as ClusterSnapshot;
  const isNew = at.map((minutes) => {
    const time = new Date(noon + minutes * minute);
    const traffic = {
      at: time,
      seconds: 60,
      produceTps: 100,
      brokers: new Map(),
      topics: new Map(),
      groups: new Map(),
    };
    return course.watch({ last: () => ({ at: time, snapshot }), traffic: () => traffic });
  });
  return { isNew, course: course.readings.map(({ atMs, produceTps }) => [(atMs - noon) / minute, produceTps]) };
}

test('a repeated reading is recorded once', () => {
  expect(watched(0, 1, 1, 2)).toEqual({
    isNew: [true, true, false, true],
    course: [
      [0, 100],
      [1, 100],
      [2, 100],
    ],
  });
});

test('after the wall clock is set back, readings continue from the older ones', () => {
  expect(watched(0, 1, 60, 61, 2, 3)).toEqual({
    isNew: [true, true, true, true, true, true],
    course: [
      [0, 100],
      [1, 100],
      [2, 100],
      [3, 100],
    ],
  });
});

/** @returns the lag at each reading, one per minute */
function lagsOver(...readings: readonly (readonly GroupSnapshot[])[]) {
  const course = new WatchedCourse();
  for (const [minutes, groups] of readings.entries()) {
    const snapshot = { cluster: { brokers: [] }, groups, sections: [] } as unknown as ClusterSnapshot;
    const at = new Date(noon + minutes * minute);
    course.watch({ last: () => ({ at, snapshot }), traffic: () => undefined });
  }
  return course.readings.map(({ lag }) => lag);
}

const group = (
  name: string,
  members: number,
  [committed, end]: readonly [bigint, bigint],
  over: Partial<GroupSnapshot> = {},
): GroupSnapshot => ({ name, members, partitions: [{ topic: 'orders', partition: 0, committed, end }], ...over });

test('a share group adds no lag from before its first start offset is known', () => {
  const ends = new Map([['orders', new Map([[0, { topic: 'orders', partition: 0, start: 0n, end: 1_000_000n }]])]]);
  /** Like `readShareOffsets`: leaves out a partition without a start offset, but not its topic. */
  const reading = (...starts: bigint[]) => {
    const partitions = Int32Array.from(starts, () => 0);
    const committed = [{ topic: 'orders', partitions, offsets: BigInt64Array.from(starts) }];
    return group('share', 2, [0n, 0n], { partitions: lagsOf({ committed, assigned: [] }, ends) });
  };
  expect(lagsOver([reading()], [reading(0n)], [reading(400_000n)])).toEqual([0, 0, -400_000]);
});

test('an abandoned group adds no lag', () => {
  expect(
    lagsOver(
      [group('billing', 2, [900n, 1000n]), group('abandoned', 0, [100n, 1000n])],
      [group('billing', 2, [6800n, 7000n]), group('abandoned', 0, [100n, 7000n])],
    ),
  ).toEqual([0, 100]);
});

test('a group whose members do not commit adds its lag', () => {
  expect(lagsOver([group('billing', 2, [900n, 1000n])], [group('billing', 2, [900n, 7000n])])).toEqual([0, 6000]);
});

test('consumers that assign partitions to themselves add their lag when they commit', () => {
  expect(
    lagsOver(
      [group('flink', 0, [900n, 1000n])],
      [group('flink', 0, [900n, 7000n])],
      [group('flink', 0, [6000n, 8000n])],
    ),
  ).toEqual([0, 0, 1900]);
});

test('a group that is new, was reset or was read only in part adds no lag', () => {
  expect(
    lagsOver(
      [group('billing', 2, [900n, 1000n])],
      [group('billing', 2, [900n, 1000n]), group('new', 2, [0n, 1_000_000n])],
      [group('billing', 2, [0n, 1000n]), group('new', 2, [0n, 1_000_000n])],
      [group('billing', 2, [0n, 1000n]), group('new', 2, [0n, 2_000_000n], { commitsAgeSeconds: 30 })],
    ),
  ).toEqual([0, 0, 0, 0]);
});
