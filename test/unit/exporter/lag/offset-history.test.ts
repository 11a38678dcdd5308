import { expect, test } from 'vitest';
import { createOffsetHistory, pointsPerPartition } from '../../../../exporter/lag/offset-history.ts';

/** @param points of one partition: seconds, end offset */
function historyOf(...points: readonly (readonly [time: number, end: number])[]) {
  const history = createOffsetHistory({ maxPartitions: 10 });
  const slot = history.open();
  if (slot === undefined) throw new Error('no slot');
  for (const [time, end] of points) history.observe(slot, time, end);
  return {
    storedAt: (offset: number) => history.storedAt(slot, offset),
    points: () =>
      Array.from({ length: history.points(slot).length / 2 }, (_, index) => [
        ...history.points(slot).subarray(2 * index, 2 * index + 2),
      ]),
    observe: (time: number, end: number) => history.observe(slot, time, end),
    forgetBelow: (start: number) => history.forgetBelow(slot, start),
  };
}

test('interpolates linearly between the two readings around the offset', () =>
  expect(historyOf([0, 0], [30, 100], [60, 400]).storedAt(199)).toEqual({
    kind: 'between',
    after: 30,
    before: 60,
    at: 40,
  }));

test('the newest message has the time of the first reading that contains it, so lag does not jump by an interval', () =>
  // kafka-lag-exporter 353: a new message got the age of the reading before it.
  expect(historyOf([0, 7], [30, 7], [60, 8]).storedAt(7)).toMatchObject({ at: 60 }));

test('places a message after an idle hour in the last interval, not somewhere in the hour', () =>
  expect(historyOf([0, 7], [30, 7], [3600, 7], [3630, 17]).storedAt(7)).toEqual({
    kind: 'between',
    after: 3600,
    before: 3630,
    at: 3603,
  }));

test('an idle topic needs two points, however long it is observed', () => {
  const { points, observe } = historyOf([0, 7]);
  for (let time = 30; time <= 36_000; time += 30) observe(time, 7);
  expect(points()).toEqual([
    [0, 7],
    [36_000, 7],
  ]);
});

test('does not date messages from before the history, as for a group that replays old data', () =>
  // kafka-lag-exporter 496: the line through the newest readings was extrapolated into the past.
  expect(historyOf([1000, 1_000_000], [1030, 1_000_001]).storedAt(5)).toEqual({
    kind: 'before-history',
    before: 1000,
  }));

test('returns no time after one reading or none', () => {
  expect(historyOf([1000, 50]).storedAt(49)).toEqual({ kind: 'before-history', before: 1000 });
  expect(historyOf().storedAt(0)).toEqual({ kind: 'unknown' });
  expect(historyOf([1000, 50]).storedAt(50)).toEqual({ kind: 'unknown' });
});

test('starts again if the end goes back, because this is another log', () =>
  // kafka-lag-exporter 197: ends of the deleted topic hid those of the new one.
  expect(historyOf([0, 500], [30, 600], [60, 3], [90, 9]).points()).toEqual([
    [60, 3],
    [90, 9],
  ]));

test('drops points below the log start, except the last one before it', () => {
  const { points, forgetBelow } = historyOf([0, 0], [30, 100], [60, 200], [90, 300]);
  forgetBelow(150);
  expect(points()).toEqual([
    [30, 100],
    [60, 200],
    [90, 300],
  ]);
  forgetBelow(1000);
  expect(points()).toEqual([[90, 300]]);
});

test('ignores a repeated or older reading', () =>
  expect(historyOf([0, 0], [30, 100], [30, 100], [20, 50]).points()).toHaveLength(1));

test('a steady topic is dated exactly after a day of readings, with a fixed number of points', () => {
  const { storedAt, points, observe } = historyOf([0, 0]);
  for (let time = 30; time <= 86_400; time += 30) observe(time, time * 10);
  expect(points()).toHaveLength(pointsPerPartition);
  expect(storedAt(6000 * 10 - 1)).toMatchObject({ kind: 'between', at: 6000 });
});

test('keeps a burst of the previous day distinct from the idle time around it', () => {
  const { storedAt, observe } = historyOf([0, 100]);
  let end = 100;
  for (let time = 30; time <= 86_400; time += 30) {
    if (time > 20_000 && time <= 20_300) end += 1000;
    observe(time, end);
  }
  const stored = storedAt(105);
  expect(stored.kind === 'between' && Math.abs(stored.at - 20_010)).toBeLessThan(60);
});

test('returns no time for messages stored during a gap between readings, even after hours of readings', () => {
  const { storedAt, points, observe } = historyOf([0, 0], [30, 100], [60, 200]);
  const back = 60 + 12 * 3600;
  let end = 900;
  for (let time = back; time <= back + 6 * 3600; time += 30) observe(time, (end += 10));
  expect(points()).toHaveLength(pointsPerPartition);
  expect([150, 200, 500, 909].map((offset) => storedAt(offset))).toMatchObject([
    { kind: 'between', before: 60 },
    { kind: 'before-history', before: back },
    { kind: 'before-history', before: back },
    { kind: 'before-history', before: back },
  ]);
  expect(storedAt(910)).toMatchObject({ kind: 'between', after: back });
});

test('many gaps fit in the fixed number of points, and there is no time for the last gap', () => {
  const { storedAt, points, observe } = historyOf([0, 0]);
  for (let hour = 1; hour <= 100; hour++) observe(hour * 3600, hour * 10);
  expect(points()).toHaveLength(pointsPerPartition);
  expect(storedAt(995)).toEqual({ kind: 'before-history', before: 360_000 });
});

test('opens at most the configured number of partitions, and reuses closed ones', () => {
  const history = createOffsetHistory({ maxPartitions: 2 });
  expect([history.open(), history.open(), history.open()]).toEqual([0, 1, undefined]);
  history.observe(1, 5, 5);
  history.close(1);
  expect(history.open()).toBe(1);
  expect(history.points(1)).toHaveLength(0);
});
