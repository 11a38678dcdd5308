import { expect, test } from 'vitest';
import { gridOf, startOf, slotOf, stepAt } from '../../../../analyzer/forecast/grid.ts';
import { parseHistory } from '../../../../analyzer/forecast/history-csv.ts';
import { historyOf, type Reading } from '../../../../analyzer/forecast/history.ts';
import { timeZone } from '../../../../analyzer/forecast/local-time.ts';

const utc = timeZone('UTC');
const start = Date.UTC(2026, 0, 5);
const every = (minutes: number, values: readonly number[]): Reading[] =>
  values.map((value, i) => ({ timeMs: start + i * minutes * 60_000, value }));

function read(readings: readonly Reading[], statistic: 'max' | 'mean' = 'max', zone = utc) {
  const reading = historyOf(readings, { statistic, zone });
  if (reading.kind === 'refused') throw new Error(reading.reason);
  return reading.history;
}

test('the value of an hour is the maximum of its readings, or their mean', () => {
  const readings = every(15, [1, 2, 9, 4, 5, 5, 5, 9]);
  expect([...read(readings).values]).toEqual([9, 9]);
  expect([...read(readings, 'mean').values]).toEqual([4, 6]);
});

test('a missing hour and an hour with few readings are unknown and reported', () => {
  const readings = every(
    15,
    Array.from({ length: 24 }, (_, i) => 10 - (i % 3)),
  );
  const { values, notes } = read(readings.filter((_, i) => i < 8 || i > 14));
  expect([...values]).toEqual([10, 10, Number.NaN, Number.NaN, 10, 10]);
  expect(notes.join('\n')).toMatch(
    /1 hours have less than half.*\n2 of 6 hours are missing \(33%\), at most 2 in a row/,
  );
});

test('the last hour or day counts once it is complete', () => {
  const unfinished = (minutes: number, readings: number) =>
    read(every(minutes, [...Array<number>(readings).fill(5), 9, 4])).values.length;
  expect([31, 32, 33, 34].map((more) => unfinished(5, more))).toEqual([2, 2, 2, 3]);
  // Every 90 minutes, until 12:00 and until 22:30 of the third day.
  expect([39, 46].map((more) => unfinished(90, more))).toEqual([2, 3]);
});

test('readings with the spacing of the steps are complete, also on a day of 25 hours', () => {
  const berlin = timeZone('Europe/Berlin');
  const midnights = [22, 23, 24, 25].map((day) => ({ timeMs: Date.UTC(2026, 9, day - 1, 22), value: day }));
  expect([...read(midnights, 'max', berlin).values]).toEqual([22, 23, 24, 25]);
});

test('readings are sorted, and of two readings at the same time the higher counts', () => {
  const readings = every(60, [5, 4, 6, 5]);
  const { values, notes } = read([...readings.toReversed(), { timeMs: start, value: 7 }]);
  expect([...values]).toEqual([7, 4, 6, 5]);
  expect(notes).toEqual([expect.stringContaining('sorted'), expect.stringContaining('1 with another value')]);
});

/** A load that changes from minute to minute, with a daily wave, as means over each so many minutes of some days. */
const means = (minutes: number, fromDay: number, toDay: number) =>
  Array.from({ length: ((toDay - fromDay) * 1440) / minutes }, (_, i): Reading => {
    const from = fromDay * 1440 + i * minutes;
    const rates = Array.from({ length: minutes }, (__, k) => {
      const minute = from + k;
      return 10 + 5 * Math.sin((minute / 720) * Math.PI) + ((minute * 7919) % 13) / 3;
    });
    return { timeMs: start + from * 60_000, value: rates.reduce((sum, rate) => sum + rate) / minutes };
  });
const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the maxima of readings of one minute and of five are the same', () => {
  const [minutes, fives] = [read(means(1, 0, 2)), read(means(5, 0, 2))];
  minutes.values.forEach((value, i) => expect(value).toBeCloseTo(fives.values[i] as number, 9));
  expect([minutes.spacingSeconds, fives.spacingSeconds]).toEqual([300, 300]);
  expect(minutes.notes).toEqual([expect.stringMatching(/averaged in 48 hours: single ones reach 1\d% more/)]);
});

test.each([
  [60, 5],
  [60, 1],
  [5, 1],
])('older readings %i minutes apart count beside newer ones of %i minutes', (older, newer) => {
  const [mixed, fives] = [read([...means(older, 0, 4), ...means(newer, 4, 8)]), read(means(5, 0, 8))];
  expect([mixed.first, mixed.values.length]).toEqual([fives.first, fives.values.length]);
  const half = (values: Float64Array) => meanOf(values.slice(0, 95));
  expect(half(mixed.values) / half(fives.values)).toBeCloseTo(1, 1);
  expect(mixed.notes.some((note) => note.includes('95 maxima of readings 3,600 s apart are raised by'))).toBe(
    older === 60,
  );
});

test('two days of close readings after months of hourly means suffice for a comparison, but not after years of daily ones', () => {
  const hours = read([...means(60, 0, 40), ...means(5, 40, 42)]);
  expect([hours.spacingSeconds, hours.values.length]).toEqual([300, 42 * 24]);
  expect(hours.notes).toContainEqual(expect.stringMatching(/^959 maxima of readings 3,600 s apart are raised by/));
  const days = read([...means(1440, 0, 100), ...means(60, 100, 103)]);
  expect([days.grid.step, days.values.length]).toEqual(['day', 103]);
});

test('a reading in an hour without load, next to an outage, is no infinite burst', () => {
  const minutes = every(1, [...Array<number>(44).fill(0), 9, ...Array<number>(75).fill(0)]);
  const readings = [...minutes.filter((_, i) => i < 35 || i > 43), ...means(5, 1, 2)];
  expect(read(readings).notes.join()).not.toContain('Infinity');
});

test('daily readings before hourly ones are reported as left out', () => {
  const { values, notes } = read([...means(1440, 0, 7), ...means(60, 7, 14)]);
  expect(values.length).toBe(168);
  expect(notes).toEqual([expect.stringContaining('7 readings are more than 3,600 s apart')]);
});

test('a series that only increases is reported as a likely counter', () => {
  expect(read(every(60, [1, 2, 3, 4, 5])).counterNote).toContain('looks like a counter');
});

test('the season follows local time across a clock change', () => {
  const berlin = timeZone('Europe/Berlin');
  const noon = (day: number, hour: number) => ({ timeMs: Date.UTC(2026, 2, day, hour), value: 1 });
  const hours = Array.from({ length: 72 }, (_, i) => noon(28, i));
  const { grid, first, notes } = read(hours, 'max', berlin);
  const [before, after] = [first + 11, first + 58];
  expect([startOf(grid, before), startOf(grid, after)]).toEqual([noon(28, 11).timeMs, noon(30, 10).timeMs]);
  expect((slotOf(grid, after) - slotOf(grid, before) + 168) % 168).toBe(48);
  expect(notes).toContainEqual(expect.stringContaining('clocks of Europe/Berlin change 2026-03-29'));
});

test.each([
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00Z'],
  ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00Z'],
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00Z'],
])('a day of %s whose midnight is skipped by a clock change begins at the change', (zone, on, changesAt) => {
  const grid = gridOf('day', timeZone(zone));
  const change = Date.parse(changesAt);
  expect(startOf(grid, Date.parse(on) / 86_400_000)).toBe(change);
  expect(stepAt(grid, change)).toBe(stepAt(grid, change - 1) + 1);
});

test('one reading per week is refused as too rare', () => {
  expect(historyOf(every(7 * 24 * 60, [1, 2, 3, 4]), { statistic: 'max', zone: utc })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('readings are 7 days apart'),
    reasonZh: expect.stringContaining('读数间隔为 7 天'),
  });
});

test('times are ISO 8601 with a zone, seconds or milliseconds, and an empty value is a gap', () => {
  const text =
    '\uFEFFtime,value\r\n2026-01-05T08:00:00+08:00,1\r\n1767574800,2.5\r\n1767578400000,3e2\r\n2026-01-05 03:00Z,\r\n';
  expect(parseHistory(text, 'h.csv')).toEqual(every(60, [1, 2.5, 300]));
});

test.each([
  ['when,value\n1,2', 'line 1: expected the header "time,value"'],
  ['time,value\n2026-01-05T08:00:00,1', 'line 2: time "2026-01-05T08:00:00" is not a time'],
  ['time,value\n1767574800,1\n1767578400', 'line 3: value is missing'],
  ['time,value\n1767574800,1,200', 'line 2: a row has two columns'],
  ['time,value\n1767574800,-1', 'line 2: value "-1" is not a number of 0 or more'],
  ['time,value\n1767574800,0x10', 'line 2: value "0x10"'],
  ['time,value\n1767574800,997\n1767578400,1.002', 'value "1.002" may have a thousands separator'],
])('rejects %j and names the place', (text, words) => {
  expect(() => parseHistory(text, 'h.csv')).toThrow(
    expect.objectContaining({ code: 'history-unreadable', message: expect.stringContaining(words) }),
  );
});
