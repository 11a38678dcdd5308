import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { WatchedCourse } from '../../../../service/grading/watched-course.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-10T12:00:00Z');

/** @param at minutes after noon at which the cluster was read, by the wall clock */
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

test('a reading is noted once', () => {
  expect(watched(0, 1, 1, 2)).toEqual({
    isNew: [true, true, false, true],
    course: [
      [0, 100],
      [1, 100],
      [2, 100],
    ],
  });
});

test('after the wall clock was set back, readings continue from what is older than now', () => {
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
