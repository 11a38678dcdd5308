import { expect, test } from 'vitest';
import type { Occurrence } from '../../../../../analyzer/production/grading/course.ts';
import { gradeForecastDay, gradeForecastEnd } from '../../../../../analyzer/production/grading/grade-forecast.ts';
import { gradeVerdict } from '../../../../../analyzer/production/grading/grade-verdict.ts';
import { measuredOrders } from '../../../../support/capacity-report-inputs.ts';
import { dailyForecast } from '../../../../support/daily-forecast.ts';

/** Safe at 26,000 (25,000 to 27,000) msg/s; at 12,000 without broker-a:0. */
const standing = { id: 7, document: measuredOrders };
const at = Date.UTC(2026, 10, 11, 20);
const seen = (over: Partial<Occurrence>): Occurrence => ({
  event: 'natural-peak',
  startedAtMs: at,
  endedAtMs: at + 300_000,
  tps: 25_500,
  strains: [],
  ...over,
});
const held = (over: Partial<Occurrence>) => gradeVerdict(standing, seen(over))?.held;

test.each<[string, Partial<Occurrence>, boolean | undefined]>([
  ['a calm peak within the interval', {}, true],
  ['a calm peak slightly below the interval', { tps: 21_000 }, true],
  ['a calm peak far below the interval as no evidence', { tps: 19_000 }, undefined],
  ['a calm peak above the interval as a prediction that was too low', { tps: 28_000 }, false],
  ['a strained peak within the interval', { strains: ['consumer-lag'] }, true],
  [
    'a strained peak below the interval as a prediction that was too high',
    { tps: 15_000, strains: ['consumer-lag'] },
    false,
  ],
  ['a GC storm below the interval', { event: 'gc-storm', tps: 15_000, strains: ['gc-pause'] }, false],
  [
    'a restart with a rate above the predicted N-1 rate',
    { event: 'broker-restart', tps: 14_000, lost: 'broker-a:0' },
    true,
  ],
  [
    'a strained restart below the predicted N-1 rate',
    { event: 'broker-restart', tps: 9000, lost: 'broker-a:0', strains: ['consumer-lag'] },
    false,
  ],
  ['a restart of a broker without a prediction', { event: 'broker-restart', lost: 'broker-x:0' }, undefined],
])('grades %s', (_, over, expected) => expect(held(over)).toBe(expected));

test('a loss after which sends are rejected is not graded, since any rate exceeds 0', () => {
  const [loss] = measuredOrders.withoutOne ?? [];
  const document = { ...measuredOrders, withoutOne: [{ ...loss!, tps: 0, minInSyncReplicas: 2 }] };
  const restart = seen({ event: 'broker-restart', tps: 14_000, lost: 'broker-a:0' });
  for (const strains of [[], ['consumer-lag']]) {
    expect(gradeVerdict({ id: 7, document }, { ...restart, strains })).toBeUndefined();
  }
});

test('an unknown maximum is not graded, and an at-least has no upper bound', () => {
  const unknown = { id: 1, document: { safeMaxTps: { kind: 'unknown' as const, missing: [] } } };
  expect(gradeVerdict(unknown, seen({}))).toBeUndefined();
  const atLeast = {
    id: 1,
    document: { safeMaxTps: { kind: 'at-least' as const, tps: 10_000, reason: 'aborted' as const } },
  };
  expect(gradeVerdict(atLeast, seen({ tps: 90_000 }))).toMatchObject({
    held: true,
    predicted: { value: 10_000, low: 10_000, unit: 'messages/s' },
  });
});

const midnight = Date.UTC(2026, 10, 11);
const iso = (hour: number) => new Date(midnight + hour * 3_600_000).toISOString();
const forecast = {
  id: 9,
  document: {
    horizonEndsAt: iso(48),
    peak: { tps: 5000, low: 4500, high: 5600, at: iso(20), confidence: 0.8 },
    points: [
      { at: iso(9), tps: 3000, low: 2500, high: 3500 },
      { at: iso(20), tps: 5000, low: 4600, high: 5500 },
      { at: iso(33), tps: 9000 },
    ],
    chosen: 'seasonal',
  },
};
const course = (rate: number, from = 20, minutes = 60) =>
  Array.from({ length: minutes }, (_, minute) => ({
    atMs: midnight + from * 3_600_000 + (minute + 1) * 60_000,
    produceTps: rate,
  }));

test('a forecast is graded at its predicted peak hour', () => {
  expect(gradeForecastDay(forecast, [...course(6000, 9), ...course(5200)], midnight)).toMatchObject({
    event: 'natural-peak',
    startedAt: iso(20),
    predicted: { value: 5000, low: 4600, high: 5500 },
    actual: 5200,
    held: true,
  });
  expect(gradeForecastDay(forecast, course(4000), midnight)?.held).toBe(false);
});

test('a burst of one minute counts as part of its five minutes, as in the history of a forecast', () => {
  const bursts = course(5000).map((reading, minute) => ({ ...reading, produceTps: minute % 5 === 0 ? 6000 : 5000 }));
  expect(gradeForecastDay(forecast, bursts, midnight)).toMatchObject({ actual: 5200, held: true });
});

test('five minutes of which less than half was read do not count', () => {
  const isRead = (minute: number) => minute < 20 || minute > 28;
  const burst = course(5000).map((reading, minute) => ({ ...reading, produceTps: minute === 29 ? 90_000 : 5000 }));
  expect(
    gradeForecastDay(
      forecast,
      burst.filter((_, minute) => isRead(minute)),
      midnight,
    )?.actual,
  ).toBe(5000);
});

test('a forecast without an interval, or with half of the hour unread, is not graded', () => {
  expect(gradeForecastDay(forecast, course(9000, 33), midnight + 86_400_000)).toBeUndefined();
  expect(gradeForecastDay(forecast, course(5200, 20, 25), midnight)).toBeUndefined();
});

test('a forecast of daily maxima names no hour, and its end is graded by the maximum of each day', async () => {
  const daily = { id: 9, document: await dailyForecast(midnight, 50_000) };
  const { tps: highest } = daily.document.peak;
  const rateAt = (minute: number) => (Math.floor((minute % 1440) / 60) === 20 ? highest : 8000);
  const day = Array.from({ length: 1440 }, (_, minute) => ({
    atMs: midnight + (minute + 1) * 60_000,
    produceTps: rateAt(minute),
  }));
  expect(gradeForecastDay(daily, day, midnight)).toBeUndefined();
  const week = Array.from({ length: 7 * 1440 }, (_, minute) => ({
    timeMs: midnight + minute * 60_000,
    value: rateAt(minute),
  }));
  expect(gradeForecastEnd(daily, week)).toMatchObject({ event: 'forecast-end', actual: highest, held: true });
});

/** Readings every five minutes in the given hours, with the maximum once per hour. */
const readingsOf = (byHour: Readonly<Record<number, number>>) =>
  Object.entries(byHour).flatMap(([hour, highest]) =>
    Array.from({ length: 12 }, (_, index) => ({
      timeMs: Date.parse(iso(Number(hour))) + index * 300_000,
      value: index === 7 ? highest : highest / 2,
    })),
  );

test('after its horizon, a forecast is graded by the maximum in it and by each of its points', () => {
  const grade = gradeForecastEnd(forecast, readingsOf({ 9: 3600, 20: 5700, 33: 4000 }));
  expect(grade).toMatchObject({ event: 'forecast-end', what: 'forecast', actual: 5700, held: false, covered: 0 });
  expect(grade).toMatchObject({ startedAt: iso(9), endedAt: iso(48) });
  expect(grade?.bias).toBeCloseTo(13_300 / 17_000 - 1, 9);
  expect(gradeForecastEnd(forecast, readingsOf({ 9: 3400, 20: 5000 }))).toMatchObject({ held: true, covered: 1 });
});

test('an hour without a forecast point does not count, and with less than half of the points read there is no grade', () => {
  expect(gradeForecastEnd(forecast, readingsOf({ 9: 3000, 15: 90_000, 20: 5000 }))?.actual).toBe(5000);
  expect(gradeForecastEnd(forecast, readingsOf({ 20: 5000 }))).toBeUndefined();
});
