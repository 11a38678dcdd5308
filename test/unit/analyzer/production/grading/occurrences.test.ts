import { expect, test } from 'vitest';
import type { CourseReading } from '../../../../../analyzer/production/grading/course.ts';
import { occurrencesOf } from '../../../../../analyzer/production/grading/occurrences.ts';

const midnight = Date.UTC(2026, 10, 11);
const minute = 60_000;
/** Minutes of a day, and one minute of the next day, which ends it. */
const dayOf = (reading: (minute: number) => Partial<CourseReading>, minutes = 1441): CourseReading[] =>
  Array.from({ length: minutes }, (_, at) => ({ atMs: midnight + at * minute, produceTps: 1000, ...reading(at) }));
const both = new Set(['a', 'b']);

test('the peak of a day is the highest rate held for five minutes, recorded at the end of the day', () => {
  const course = dayOf((at) => ({ produceTps: at === 100 ? 90_000 : at > 600 && at <= 610 ? 5000 : 1000 }));
  expect(occurrencesOf(course.slice(0, -1))).toEqual([]);
  const [peak] = occurrencesOf(course);
  expect(peak).toMatchObject({ event: 'natural-peak', strains: [] });
  // A minute of 90,000 among four of 1,000.
  expect(peak?.tps).toBeCloseTo(18_800, 6);
});

test('five minutes with a gap are not a peak', () => {
  const course = dayOf((at) => (at >= 600 && at < 608 ? { produceTps: 5000 } : {})).filter(
    (_, at) => at < 601 || at > 605,
  );
  expect(occurrencesOf(course)[0]?.tps).toBeLessThan(5000);
});

test('consumer lag of more than a minute of messages is a strain', () => {
  const growing = dayOf((at) => ({ produceTps: at > 600 && at <= 605 ? 5000 : 1000, lag: at > 603 ? 400_000 : 0 }));
  expect(occurrencesOf(growing)[0]).toMatchObject({ tps: 5000, strains: ['consumer-lag'] });
});

test('a broker that left and returned has restarted, one that was missing from the start has not', () => {
  const course = dayOf((at) => ({ brokers: at >= 10 && at < 14 ? new Set(['a']) : both, produceTps: 2000 + at }), 30);
  expect(occurrencesOf(course)).toEqual([
    {
      event: 'broker-restart',
      startedAtMs: midnight + 10 * minute,
      endedAtMs: midnight + 14 * minute,
      tps: 2012.5,
      strains: [],
      lost: 'b',
    },
  ]);
  const late = dayOf((at) => ({ brokers: at < 10 ? new Set(['a']) : both }), 30);
  expect(occurrencesOf(late)).toEqual([]);
});

test('a broker that was away for an hour has not restarted', () => {
  const course = dayOf((at) => ({ brokers: at >= 10 && at < 70 ? new Set(['a']) : both }), 90);
  expect(occurrencesOf(course)).toEqual([]);
});

test('a JVM paused for more than 10% of the time is a GC storm and a strain', () => {
  const stopped = (at: number) => new Map([['broker', at < 20 ? 0 : Math.min(at - 19, 3) * 7]]);
  const course = dayOf((at) => ({ stoppedSeconds: stopped(at), brokers: at === 21 ? new Set(['a']) : both }), 40);
  const found = occurrencesOf(course.map((each) => ({ ...each, produceTps: 3000 })));
  expect(found.find(({ event }) => event === 'gc-storm')).toEqual({
    event: 'gc-storm',
    startedAtMs: midnight + 20 * minute,
    endedAtMs: midnight + 22 * minute,
    tps: 3000,
    strains: ['gc-pause'],
  });
});

test('a GC storm within a restart is a strain of the restart', () => {
  const stopped = (at: number) => new Map([['broker', at < 20 ? 0 : 7]]);
  const course = dayOf(
    (at) => ({ stoppedSeconds: stopped(at), brokers: at >= 20 && at < 23 ? new Set(['a']) : both }),
    40,
  );
  expect(occurrencesOf(course).find(({ event }) => event === 'broker-restart')?.strains).toEqual(['gc-pause']);
});
