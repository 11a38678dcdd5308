import { expect, test } from 'vitest';
import { exactLimit } from '../../../../../analyzer/forecast/event/chance-above.ts';
import { coversHorizon } from '../../../../../analyzer/forecast/event/expected-course.ts';
import { limitOutlook, peakAhead } from '../../../../../analyzer/forecast/event/limit-outlook.ts';
import { safeWindows } from '../../../../../analyzer/forecast/event/safe-windows.ts';
import { gridOf, startOf, stepAt } from '../../../../../analyzer/forecast/grid.ts';
import { timeZone } from '../../../../../analyzer/forecast/local-time.ts';
import { measuredOrders } from '../../../../support/capacity-report-inputs.ts';
import type { SafeMaxTps } from '../../../../../core/documents/analysis.ts';
import { dailyForecast } from '../../../../support/daily-forecast.ts';

/** 26,000 msg/s (95% interval: 25,000 to 27,000). */
const { safeMaxTps } = measuredOrders;
const nowMs = Date.UTC(2026, 10, 10, 20);
const iso = (minutes: number) => new Date(nowMs + minutes * 60_000).toISOString();
const point = (minutes: number, tps: number, band = 0.1) => ({
  at: iso(minutes),
  tps,
  low: tps * (1 - band),
  high: tps * (1 + band),
});
const forecastOf = (...points: ReturnType<typeof point>[]) => ({
  points,
  peak: { tps: 1, low: 1, high: 1, at: iso(0), confidence: 0.8 },
});
const steps = Array.from({ length: 15 }, (_, index) => 100 * (index + 1));
/** 20,000 msg/s now, 30,000 in 100 minutes, and constant until the end of the day. */
const rising = forecastOf(point(0, 20_000), ...steps.map((minutes) => point(minutes, 30_000)));
const outlook = (over: Partial<Parameters<typeof limitOutlook>[0]> = {}) => {
  const answer = limitOutlook({ nowMs, nowTps: 20_000, safeMaxTps, forecast: rising, ...over });
  if (answer.kind === 'unknown') throw new Error(answer.missing);
  return answer;
};

test('the median load reaches the estimated limit with a probability of 50%', () => {
  // 26,000 on a straight line from 20,000 to 30,000 in 100 minutes.
  expect(outlook().minutes.even).toBe(60);
  expect(outlook().minutes.unlikely).toBeLessThan(60);
  expect(outlook().minutes.likely).toBeGreaterThan(60);
});

test('a load above its forecast brings the limit closer, and a load below it moves the limit away', () => {
  const known = forecastOf(point(-100, 20_000), ...rising.points);
  expect(outlook({ nowTps: 22_000, forecast: known })).toMatchObject({ scaledBy: 1.1, minutes: { even: 37 } });
  const less = outlook({ nowTps: 14_000, forecast: known });
  expect([less.scaledBy, less.minutes.even]).toEqual([0.7, undefined]);
  // Hours before the forecast are unknown: a lower load may belong to them.
  expect(outlook({ nowTps: 14_000 })).not.toHaveProperty('scaledBy');
});

const hourly = (from: number, ...rates: number[]) => rates.map((tps, index) => point(60 * (from + index), tps));

test.each([
  ['rises', [20_000, 25_000, 30_000], 0, 20_000],
  ['falls', [30_000, 30_000, 25_000], 0, 30_000],
  ['is highest within the hour', [20_000, 30_000, 20_000], 30, 29_000],
  ['is lowest within the hour', [20_000, 10_000, 20_000], 30, 11_000],
])('a load that %s like its forecast of hourly maxima is not scaled', (_, rates, minutes, nowTps) => {
  const forecast = forecastOf(...hourly(-1, ...rates, ...Array<number>(24).fill(30_000)));
  const inputs = { nowMs: nowMs + minutes * 60_000, nowTps, safeMaxTps, forecast };
  const { scaledBy = 1, chances } = outlook(inputs);
  expect(scaledBy).toBe(1);
  expect(chances.at(-1)?.probability).toBeGreaterThan(0.9);
  expect(peakAhead(inputs)?.mid).toBe(30_000);
});

test('the probability uses the interval width on each side of the limit', () => {
  const limitedBy = { resource: 'cpu', node: '1' } as const;
  const interval = { low: 60_000, high: 105_000, confidence: 0.95 };
  const limit = { kind: 'predicted', tps: 60_000, estimateTps: 100_000, interval, limitedBy } as const;
  const chanceOf = (tps: number) => {
    const forecast = forecastOf(...[0, ...steps].map((minutes) => point(minutes, tps, 0)));
    return outlook({ nowTps: undefined, safeMaxTps: limit, forecast }).chances.at(-1)?.probability;
  };
  // 25,000 of 40,000 / 1.96, and 3,000 of 5,000 / 1.96.
  expect(chanceOf(75_000)).toBeCloseTo(0.11, 2);
  expect(chanceOf(103_000)).toBeCloseTo(0.88, 2);
});

test('the probability of reaching the limit never decreases with time', () => {
  const chances = outlook({ forecast: forecastOf(point(0, 20_000), point(60, 40_000), point(120, 5000)) }).chances;
  expect(chances.map(({ probability }) => probability)).toEqual(
    chances.map(({ probability }) => probability).toSorted((a, b) => a - b),
  );
});

test('a rate that was only reached is not a maximum, but a rate at which throughput stopped growing is', () => {
  const isMaximum = (safeMax: SafeMaxTps) => outlook({ safeMaxTps: safeMax }).isMaximum;
  const limitedBy = { resource: 'cpu', node: '1' } as const;
  const ceiling = { tps: 26_000, suspects: [limitedBy], decidedBy: 'CPU of broker 1' };
  expect(outlook().isMaximum).toBe(true);
  expect(isMaximum({ kind: 'at-least', tps: 15_000, reason: 'no-limit-reached' })).toBe(false);
  expect(isMaximum({ kind: 'at-least', tps: 15_000, reason: 'limit-cause-unknown', ceiling })).toBe(true);
  expect(isMaximum({ kind: 'observed', tps: 15_000, basis: [], limitedBy })).toBe(false);
});

test('a load above the limit has reached it already', () => {
  expect(outlook({ nowTps: 25_001 })).toMatchObject({ isOver: true, minutes: { unlikely: 0, even: 0, likely: 0 } });
});

test('a forecast far below the limit has no minutes and a probability near zero', () => {
  const { minutes, chances } = outlook({
    nowTps: 5000,
    forecast: forecastOf(...[0, ...steps].map((minutes) => point(minutes, 5000))),
  });
  expect(minutes).toEqual({});
  expect(chances.at(-1)?.probability).toBeLessThan(1e-6);
});

test('without a current reading the forecast is not scaled', () => {
  expect(outlook({ nowTps: undefined })).not.toHaveProperty('scaledBy');
  expect(outlook({ nowTps: undefined }).minutes.even).toBe(60);
});

test('a point without an interval has the interval of the peak', () => {
  const peak = { tps: 30_000, low: 20_000, high: 45_000, at: iso(100), confidence: 0.8 };
  const points = [
    { at: iso(0), tps: 20_000 },
    { at: iso(100), tps: 30_000 },
  ];
  expect(outlook({ forecast: { points, peak } }).minutes.unlikely).toBeLessThan(outlook().minutes.unlikely as number);
});

test('a point without an interval has the widest interval of the other points if the peak has none', () => {
  const { low: _, high: _1, ...bare } = point(100, 30_000);
  const peak = { tps: 30_000, at: iso(100), confidence: 0.8 };
  const forecast = { points: [point(0, 20_000, 0.2), bare], peak };
  expect(outlook({ forecast }).minutes.unlikely).toBe(
    outlook({ forecast: forecastOf(point(0, 20_000, 0.2), point(100, 30_000, 0.2)) }).minutes.unlikely,
  );
});

test('the peak ahead is that of the next day, scaled by the current load', () => {
  const later = forecastOf(point(0, 20_000), point(100, 30_000), point(1441, 90_000));
  expect(peakAhead({ nowMs, nowTps: 22_000, safeMaxTps, forecast: later })).toEqual({ mid: 33_000, high: 36_300 });
  expect(peakAhead({ nowMs, safeMaxTps, forecast: undefined })).toBeUndefined();
});

test('the peak ahead includes the current hour', () => {
  const falling = forecastOf(point(-5, 30_000), point(55, 22_000), point(115, 20_000));
  expect(peakAhead({ nowMs, safeMaxTps, forecast: falling })?.mid).toBe(30_000);
});

test('a forecast of daily maxima is scaled up by a load above its maximum, but not down by a low night load', async () => {
  const midnight = Date.UTC(2026, 10, 11);
  const forecast = await dailyForecast(midnight, 40_000);
  const [today] = forecast.points;
  if (today === undefined) throw new Error('no points');
  const at4 = { nowMs: midnight + 4 * 3_600_000, safeMaxTps, forecast };
  const night = peakAhead({ ...at4, nowTps: 8000 });
  expect(night?.mid).toBeGreaterThan(38_000);
  expect(night).toEqual(peakAhead(at4));
  const ofNight = outlook({ ...at4, nowTps: 8000 });
  expect(ofNight).not.toHaveProperty('scaledBy');
  expect(ofNight.chances.at(-1)?.probability).toBeGreaterThan(0.9);
  expect(outlook({ ...at4, nowTps: 1.2 * today.tps }).scaledBy).toBeCloseTo(1.2, 9);
});

test('the daily maximum of an event is expected at any time of its day, and on no other day', async () => {
  const midnight = Date.UTC(2026, 10, 11);
  const usual = await dailyForecast(midnight, 10_000);
  const points = usual.points.map(({ at, tps, low = tps, high = tps }, index) => {
    const factor = index === 1 ? 4 : 1;
    return { at, tps: factor * tps, low: factor * low, high: factor * high };
  });
  const evenAfter = (hours: number) =>
    outlook({ nowMs: midnight + hours * 3_600_000, nowTps: undefined, forecast: { ...usual, points } }).minutes.even;
  expect([evenAfter(20), evenAfter(24), evenAfter(44), evenAfter(48)]).toEqual([240, 0, 0, undefined]);
});

test('the outlook ends at a gap or at the end of the forecast, and omits horizons that are too short', () => {
  const hours = (from: number, to: number, tps: number) => hourly(from, ...Array<number>(to - from).fill(tps));
  // A promotion without history has no points.
  const gap = outlook({ forecast: forecastOf(...hours(0, 4, 20_000), ...hours(28, 32, 20_000)) });
  expect([gap.horizonMinutes, gap.chances.map(({ withinMinutes }) => withinMinutes)]).toEqual([239, [15, 30, 60, 180]]);
  const day = 24 * 60;
  const lastDay = forecastOf(point(-2 * day + 600, 20_000), point(-day + 600, 30_000));
  expect(outlook({ forecast: lastDay, nowTps: undefined }).chances.at(-1)?.probability).toBeGreaterThan(0.9);
  const over = limitOutlook({ nowMs, nowTps: 1, safeMaxTps, forecast: forecastOf(...hours(-3, 0, 20_000)) });
  expect(over).toEqual({ kind: 'unknown', missing: 'forecast' });
});

test.each([
  ['23', Date.UTC(2026, 2, 26, 12)],
  ['25', Date.UTC(2026, 9, 22, 12)],
])('a daily forecast has no gap on a day of %s hours', (_, thursday) => {
  const berlin = gridOf('day', timeZone('Europe/Berlin'));
  const first = stepAt(berlin, thursday);
  const startsAt = (index: number) => startOf(berlin, first + index);
  const points = Array.from({ length: 7 }, (_each, index) => point((startsAt(index) - nowMs) / 60_000, 20_000, 0));
  const forecast = { ...forecastOf(...points), horizonEndsAt: new Date(startsAt(7)).toISOString() };
  const at = { nowMs: startsAt(0) + 3_600_000, forecast };
  expect(outlook({ ...at, nowTps: undefined }).horizonMinutes).toBe(1440);
  expect(coversHorizon(forecast, at.nowMs)).toBe(true);
  const question = { limit: exactLimit(25_000), frozen: [], lastsSeconds: 3600, risk: 0.1, untilMs: startsAt(7) };
  expect(safeWindows({ ...at, ...question }).map(({ state }) => state)).toEqual(['safe']);
});

test('an unknown limit or forecast is reported as missing', () => {
  const unknown = (over: object) => limitOutlook({ nowMs, nowTps: 1, safeMaxTps, forecast: rising, ...over });
  expect(unknown({ safeMaxTps: { kind: 'unknown', missing: [] } })).toEqual({
    kind: 'unknown',
    missing: 'safe-maximum',
  });
  expect(unknown({ forecast: undefined })).toEqual({ kind: 'unknown', missing: 'forecast' });
});
