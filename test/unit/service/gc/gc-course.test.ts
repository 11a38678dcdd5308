import { expect, test } from 'vitest';
import { GcCourse, wholeOf } from '../../../../service/gc/gc-course.ts';
import { gcTotals } from '../../../support/shown-gc.ts';

const minute = 60_000;
const start = Date.parse('2026-11-10T00:00:00Z');

function watched(hours: readonly number[], spacing = 5 * minute) {
  const course = new GcCourse(0.2);
  for (const [index, each] of hours.entries()) course.add(start + index * spacing, gcTotals(each));
  return course.intervals;
}

test('one reading has no interval; two have one interval with the difference between them', () => {
  expect(watched([1])).toEqual([]);
  expect(watched([1, 2])).toMatchObject([
    {
      fromMs: start,
      toMs: start + 5 * minute,
      gcSeconds: expect.closeTo(5.4) as number,
      otherSeconds: 0.4,
      pauses: 180,
      fullCollections: 0,
    },
  ]);
});

test('readings that are closer together share an interval, and the last interval is still open', () => {
  const intervals = watched([1, 1.1, 1.2, 1.3], 2 * minute);
  expect(intervals.map(({ fromMs, toMs }) => [fromMs - start, toMs - start])).toEqual([[0, 6 * minute]]);
  expect(watched([1, 1.1, 1.2, 1.3, 1.4], 2 * minute).map(({ toMs }) => toMs - start)).toEqual([
    6 * minute,
    8 * minute,
  ]);
});

test('the longest pause is an upper bound over the new pauses', () => {
  const [, quiet, slow] = watched([10, 11, 12, 13]);
  expect(quiet?.longestSeconds).toBe(0.05);
  expect(slow?.longestSeconds).toBe(0.2);
  expect(watched([1, 1])[0]).not.toHaveProperty('longestSeconds');
  expect(watched([22, 23])[0]).toMatchObject({ longestSeconds: 5, longStops: 1, fullCollections: 1 });
});

test('the longest pause of a reading within an interval is kept', () => {
  const course = new GcCourse(0.2);
  for (const [index, hours] of [22, 23, 23, 23].entries()) course.add(start + index * 2 * minute, gcTotals(hours));
  expect(course.intervals.at(-1)?.longestSeconds).toBe(5);
});

test('sums that started again are unknown for that interval, while the heap size is known', () => {
  const [interval] = watched([20, 1]);
  expect(interval).not.toHaveProperty('gcSeconds');
  expect(interval).not.toHaveProperty('pauses');
  expect(interval?.heapAfterBytes).toBeGreaterThan(0);
});

test('after the wall clock is set back, intervals continue from the older readings', () => {
  const course = new GcCourse(0.2);
  for (const [index, at] of [0, 5, 10, 3, 8].entries()) course.add(start + at * minute, gcTotals(1 + index / 12));
  expect(course.intervals.map(({ fromMs, toMs }) => [(fromMs - start) / minute, (toMs - start) / minute])).toEqual([
    [0, 8],
  ]);
  for (const at of [-60, -55]) course.add(start + at * minute, gcTotals(2));
  expect(course.intervals.map(({ toMs }) => (toMs - start) / minute)).toEqual([-55]);
});

test('intervals of one day are kept', () => {
  const hours = Array.from({ length: 500 }, (_, index) => index / 12);
  const intervals = watched(hours);
  expect(intervals).toHaveLength(287);
  expect(intervals.at(-1)?.toMs).toBe(start + 499 * 5 * minute);
  expect(intervals.at(0)?.fromMs).toBe(start + 212 * 5 * minute);
});

test('the total has the sums of its intervals and the heap size of the last', () => {
  const intervals = watched([21, 22, 23]);
  expect(wholeOf(intervals)).toMatchObject({ pauses: 373, fullCollections: 1, longestSeconds: 5 });
  expect(wholeOf(intervals)?.heapAfterBytes).toBe(intervals.at(-1)?.heapAfterBytes);
  expect(wholeOf([])).toBeUndefined();
});
