import { expect, test } from 'vitest';
import { dayAt, localDay } from '../../../../service/clusters/local-day.ts';

const hours = (day: string, zone: string) => {
  const { fromMs, toMs } = localDay(day, zone) ?? { fromMs: Number.NaN, toMs: Number.NaN };
  return [new Date(fromMs).toISOString(), (toMs - fromMs) / 3_600_000];
};

test.each([
  ['2026-11-18', 'UTC', '2026-11-18T00:00:00.000Z', 24],
  ['2026-11-18', 'Asia/Shanghai', '2026-11-17T16:00:00.000Z', 24],
  ['2026-11-18', 'Asia/Kolkata', '2026-11-17T18:30:00.000Z', 24],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', 23],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', 25],
  // Clocks go from 24:00 to 01:00.
  ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z', 23],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z', 24],
])('%s in %s begins at %s and has %i hours', (day, zone, from, length) => {
  expect(hours(day, zone)).toEqual([from, length]);
});

test.each(['2026-02-30', '2026-13-01', '0000-01-01', 'yesterday', '2026-11-18T00:00', '<script>', ''])(
  '%s is not a valid day',
  (text) => expect(localDay(text, 'UTC')).toBe(undefined),
);

test('the day depends on the time zone at the same moment', () => {
  const late = Date.parse('2026-11-18T17:00:00Z');
  expect([dayAt(late, 'UTC'), dayAt(late, 'Asia/Shanghai')]).toEqual(['2026-11-18', '2026-11-19']);
});
