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

test('lies on the line between the two readings around the offset', () =>
  expect(historyOf([0, 0], [30, 100], [60, 400]).storedAt(199)).toEqual({
    kind: 'between',
    after: 30,
    before: 60,
    at: 40,
  }));

test('dates the newest message at the reading that showed it first: no sawtooth as wide as the interval on a light topic', () =>
  // kafka-lag-exporter 353: a message just stored was given the age of the reading before it.
  expect(historyOf([0, 7], [30, 7], [60, 8]).storedAt(7)).toMatchObject({ at: 60 }));

test('dates a message after a quiet hour within the interval it came in, not within the hour', () =>
  expect(historyOf([0, 7], [30, 7], [3600, 7], [3630, 17]).storedAt(7)).toEqual({
    kind: 'between',
    after: 3600,
    before: 3630,
    at: 3603,
  }));

test('an idle topic takes two points, however long it is watched', () => {
  const { points, observe } = historyOf([0, 7]);
  for (let time = 30; time <= 36_000; time += 30) observe(time, 7);
  expect(points()).toEqual([
    [0, 7],
    [36_000, 7],
  ]);
});

test('never dates a message of before the history: no "3+ years" for a group that replays old data', () =>
  // kafka-lag-exporter 496: the line through the newest readings was drawn on into the past.
  expect(historyOf([1000, 1_000_000], [1030, 1_000_001]).storedAt(5)).toEqual({
    kind: 'before-history',
    before: 1000,
  }));

test('a single reading dates nothing, and neither does none', () => {
  expect(historyOf([1000, 50]).storedAt(49)).toEqual({ kind: 'before-history', before: 1000 });
  expect(historyOf().storedAt(0)).toEqual({ kind: 'unknown' });
  expect(historyOf([1000, 50]).storedAt(50)).toEqual({ kind: 'unknown' });
});

test('begins again when the end steps back, for that is another log', () =>
  // kafka-lag-exporter 197: the ends of the topic deleted stood in the way of those of the new one.
  expect(historyOf([0, 500], [30, 600], [60, 3], [90, 9]).points()).toEqual([
    [60, 3],
    [90, 9],
  ]));

test('lets go of what retention deleted, but for the point the start lies behind', () => {
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

test('takes a reading that is shown again for what it is', () =>
  expect(historyOf([0, 0], [30, 100], [30, 100], [20, 50]).points()).toHaveLength(1));

test('a steady topic is dated exactly after a day of readings, by no more points than it has', () => {
  const { storedAt, points, observe } = historyOf([0, 0]);
  for (let time = 30; time <= 86_400; time += 30) observe(time, time * 10);
  expect(points()).toHaveLength(pointsPerPartition);
  expect(storedAt(6000 * 10 - 1)).toMatchObject({ kind: 'between', at: 6000 });
});

test('keeps a burst of yesterday apart from the quiet around it', () => {
  const { storedAt, observe } = historyOf([0, 100]);
  let end = 100;
  for (let time = 30; time <= 86_400; time += 30) {
    if (time > 20_000 && time <= 20_300) end += 1000;
    observe(time, end);
  }
  const stored = storedAt(105);
  expect(stored.kind === 'between' && Math.abs(stored.at - 20_010)).toBeLessThan(60);
});

test('dates nothing that was stored in a gap between readings, also after hours of readings', () => {
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

test('many gaps take no more points than it has, and the last one dates nothing', () => {
  const { storedAt, points, observe } = historyOf([0, 0]);
  for (let hour = 1; hour <= 100; hour++) observe(hour * 3600, hour * 10);
  expect(points()).toHaveLength(pointsPerPartition);
  expect(storedAt(995)).toEqual({ kind: 'before-history', before: 360_000 });
});

test('opens no more partitions than it may hold, and reuses those let go', () => {
  const history = createOffsetHistory({ maxPartitions: 2 });
  expect([history.open(), history.open(), history.open()]).toEqual([0, 1, undefined]);
  history.observe(1, 5, 5);
  history.close(1);
  expect(history.open()).toBe(1);
  expect(history.points(1)).toHaveLength(0);
});
