import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { alignReadings, type ClockOptions } from '../../../../../../analyzer/evidence/importers/host-tools/align.ts';
import { free } from '../../../../../../analyzer/evidence/importers/host-tools/procps.ts';
import type { PrintedTime, ToolReading } from '../../../../../../analyzer/evidence/importers/host-tools/host-tool.ts';
import { readClock, readDates } from '../../../../../../analyzer/evidence/importers/host-tools/printed-time.ts';

const run = { startedAtMs: Date.parse('2026-11-11T15:59:30Z'), plannedSeconds: 120 };

const reading = (at: PrintedTime): ToolReading => ({ at, host: { load: { one: 1 } } });
const local = (text: string, date = ''): ToolReading => {
  const { secondOfDay = Number.NaN } = readClock(text) ?? {};
  return reading({ kind: 'local', dates: readDates(date), secondOfDay });
};
const order = reading({ kind: 'order' });

const align = (readings: ToolReading[], options: Partial<ClockOptions> = {}) =>
  alignReadings(readings, run, { offsetSeconds: 0, ...options }).lines.map(({ elapsedSeconds, intervalSeconds }) => [
    elapsedSeconds,
    intervalSeconds,
  ]);

describe('local time', () => {
  test('is placed by the time zone of the host and the date of the run', () => {
    expect(align([local('23:59:40'), local('23:59:50')], { timezone: 'Asia/Shanghai' })).toEqual([
      [10, 10],
      [20, 10],
    ]);
  });

  test('continues after midnight', () => {
    expect(align([local('23:59:50'), local('00:00:10')], { timezone: '+08:00' })).toEqual([
      [20, 20],
      [40, 20],
    ]);
  });

  test.each([
    ['before', '2026-11-11T16:00:30Z', ['23:59:50', '00:00:10', '00:00:40'], [-40, -20, 10]],
    ['after', '2026-11-11T15:59:30Z', ['00:00:10', '00:00:20'], [40, 50]],
  ])(
    'of a tool started %s midnight, with the run on the other side, has the date nearest to the run',
    (_, start, printed, ends) => {
      const other = { startedAtMs: Date.parse(start), plannedSeconds: 120 };
      const readings = printed.map((text) => local(text));
      const { lines } = alignReadings(readings, other, { timezone: 'Asia/Shanghai', offsetSeconds: 0 });
      expect(lines.map(({ elapsedSeconds }) => elapsedSeconds)).toEqual(ends);
    },
  );

  test('of a tool started long before the run has the date of the run', () => {
    const evening = { startedAtMs: Date.parse('2026-11-11T15:00:00Z'), plannedSeconds: 120 };
    const readings = [local('08:00:00'), local('16:00:00'), local('23:00:10')];
    const { lines } = alignReadings(readings, evening, { timezone: 'Asia/Shanghai', offsetSeconds: 0 });
    expect(lines.map(({ elapsedSeconds }) => elapsedSeconds)).toEqual([-54_000, -25_200, 10]);
  });

  test('with an ambiguous date has the date nearest to the run', () => {
    const later = { ...run, startedAtMs: Date.parse('2026-12-11T10:00:00Z') };
    const readings = [local('10:00:05', '11/12/26'), local('10:00:10', '11/12/26')];
    const { lines } = alignReadings(readings, later, { timezone: 'UTC', offsetSeconds: 0 });
    expect(lines[0]?.elapsedSeconds).toBe(5);
  });

  test('respects daylight saving time', () => {
    const summer = { startedAtMs: Date.parse('2026-07-01T10:00:00Z'), plannedSeconds: 60 };
    const readings = [local('12:00:05', '2026-07-01'), local('12:00:10', '2026-07-01')];
    const { lines } = alignReadings(readings, summer, { timezone: 'Europe/Berlin', offsetSeconds: 0 });
    expect(lines[0]?.elapsedSeconds).toBe(5);
  });

  test('is converted with one formatter for all readings of a time zone', () => {
    const formatters = vi.spyOn(Intl, 'DateTimeFormat');
    align([local('23:59:40'), local('23:59:50')], { timezone: 'Asia/Singapore' });
    expect(formatters.mock.calls).toHaveLength(1);
    formatters.mockRestore();
  });

  test('without a valid time zone is rejected', () => {
    expect(() => align([local('23:59:40'), local('23:59:50')])).toThrow(/--timezone is needed/);
    expect(() => align([local('23:59:40')], { timezone: 'Mars/Olympus' })).toThrow(/is not a time zone/);
  });
});

describe('readings without a time', () => {
  test('are counted from the start of the tool', () => {
    expect(align([order, order], { startMs: run.startedAtMs + 5000, intervalSeconds: 2 })).toEqual([
      [7, 2],
      [9, 2],
    ]);
  });

  test('from free start at the start of the tool, since free prints its first line immediately', () => {
    const printed = readFileSync(join(import.meta.dirname, '../../../../../fixtures/host-tools/free-C.txt'), 'utf8');
    const { readings } = free.import(printed);
    expect(align([...readings].slice(0, 2), { startMs: run.startedAtMs + 5000, intervalSeconds: 2 })).toEqual([
      [5, 2],
      [7, 2],
    ]);
  });

  test('need a start and an interval', () => {
    expect(() => align([order])).toThrow(/--start is needed/);
    expect(() => align([order], { startMs: 0 })).toThrow(/--interval is needed/);
  });
});

const instant = (elapsed: number) => reading({ kind: 'instant', epochMs: run.startedAtMs + elapsed * 1000 });

test('a clock offset is corrected', () => {
  expect(align([instant(1), instant(2)], { offsetSeconds: 3.5 })).toEqual([
    [4.5, 1],
    [5.5, 1],
  ]);
});

test('a reading at which the clock went back is dropped and counted', () => {
  const { lines, left } = alignReadings([instant(10), instant(20), instant(15), instant(30)], run, {
    offsetSeconds: 0,
  });
  expect(lines.map(({ elapsedSeconds }) => elapsedSeconds)).toEqual([10, 20, 30]);
  expect([...left]).toEqual([['readings at which the clock did not go forward', 1]]);
});

test('readings of a resumed run are placed by their attempt, and those between attempts are dropped', () => {
  const hour = 3600;
  const resumed = [{ from: 40, startedAtMs: run.startedAtMs + hour * 1000 }];
  const ends = [20, 40, 60, hour + 20, hour + 40, hour + 60, hour + 80];
  const { lines, firstMs, lastMs, left } = alignReadings(ends.map(instant), { ...run, resumed }, { offsetSeconds: 0 });
  expect(lines.map(({ elapsedSeconds }) => elapsedSeconds)).toEqual([20, 40, 60, 80]);
  expect([firstMs, lastMs]).toEqual([20, hour + 80].map((second) => run.startedAtMs + second * 1000));
  expect([...left]).toEqual([['readings from between two attempts of the run', 3]]);
});

test('readings of another day are rejected with both time spans', () => {
  expect(() => align([instant(86_400), instant(86_401)])).toThrow(
    /from 2026-11-12T15:59:30.000Z to 2026-11-12T15:59:31.000Z, the run from 2026-11-11T15:59:30.000Z/,
  );
});

test('two days of readings per second are placed, or rejected with both time spans', () => {
  const days = (from: number) => Array.from({ length: 200_000 }, (_, second) => instant(from + second));
  const { firstMs, lastMs } = alignReadings(days(1), run, { offsetSeconds: 0 });
  expect(lastMs - firstMs).toBe(199_999_000);
  expect(() => align(days(86_400))).toThrow(/from 2026-11-12T15:59:30.000Z to 2026-11-14T23:32:49.000Z, the run/);
});

test.each([
  ['13:52:55', 49_975],
  ['01:52:55 PM', 49_975],
  ['12:00:01 AM', 1],
  ['13时52分55秒', 49_975],
  ['下午 01:52:55', 49_975],
  ['13.52.55', 49_975],
])('parses the clock time %s', (text, second) => expect(readClock(text)?.secondOfDay).toBe(second));

test.each([
  ['11/20/26', ['2026-11-20']],
  ['20.11.2026', ['2026-11-20']],
  ['2026年11月20日', ['2026-11-20']],
  ['2026-11-20', ['2026-11-20']],
  ['11/12/26', ['2026-11-12', '2026-12-11']],
  ['32/13/2026', []],
  ['no date', []],
])('parses the date %s', (text, days) =>
  expect(readDates(text).map(({ year, month, day }) => `${year}-${month}-${day}`)).toEqual(days),
);
