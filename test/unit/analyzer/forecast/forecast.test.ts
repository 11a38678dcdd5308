import { expect, test } from 'vitest';
import { holtWinters, seasonalNaive, seasonalRegression } from '../../../../analyzer/forecast/candidates.ts';
import { crossingOf } from '../../../../analyzer/forecast/courses.ts';
import { diskForecast } from '../../../../analyzer/forecast/disk-growth.ts';
import { forecastOf } from '../../../../analyzer/forecast/forecast.ts';
import { gridOf, slotsOf } from '../../../../analyzer/forecast/grid.ts';
import { timeZone } from '../../../../analyzer/forecast/local-time.ts';
import { effectsOf } from '../../../../analyzer/forecast/promotion-effects.ts';
import { eventsOf } from '../../../../analyzer/forecast/promotions.ts';
import { unusualDayNotes } from '../../../../analyzer/forecast/unusual-days.ts';
import { madeLoad } from '../../../support/made-history.ts';

const daily = gridOf('day', timeZone('UTC'));
const first = Date.UTC(2026, 0, 5) / 86_400_000;
const week = [100, 110, 120, 115, 130, 60, 50];

const historyFrom = (values: readonly number[]) => ({
  grid: daily,
  first,
  values: Float64Array.from(values),
  spacingSeconds: 86_400,
  readings: values.length,
  statistic: 'max' as const,
  notes: [],
});

const exact = (days: number, of: (day: number) => number) => Array.from({ length: days }, (_, day) => of(day));
const growing = (day: number) => (week[day % 7] as number) * 1.01 ** day;

function forecast(values: readonly number[], options: Parameters<typeof forecastOf>[1] = { horizon: 7 }) {
  const made = forecastOf(historyFrom(values), options);
  if (made.kind === 'refused') throw new Error(made.reason);
  return made;
}

function past(values: readonly number[]) {
  return {
    values: Float64Array.from(values),
    slots: Int32Array.from(values, (_, i) => i % 7),
    period: 7,
    stepsPerDay: 1,
    isPositive: true,
  };
}

const nextWeek = Int32Array.from([0, 1, 2, 3, 4, 5, 6]);

test('every method repeats a weekly pattern', () => {
  for (const way of [seasonalNaive, holtWinters.additive, holtWinters.multiplicative, seasonalRegression]) {
    const ahead = way(past(exact(56, (day) => week[day % 7] as number)), nextWeek);
    expect(ahead).toHaveLength(7);
    for (const [i, value] of ahead.entries()) expect(value).toBeCloseTo(week[i] as number, 1);
  }
});

test('the regression continues exponential growth', () => {
  const ahead = seasonalRegression(past(exact(56, growing)), nextWeek);
  expect(ahead).toHaveLength(7);
  for (const [i, value] of ahead.entries()) expect(value / growing(56 + i)).toBeCloseTo(1, 3);
});

test('a missing value of last week is replaced by the last known value', () => {
  const values = exact(28, (day) => day);
  values[24] = Number.NaN;
  expect([...seasonalNaive(past(values), nextWeek)]).toEqual([21, 22, 23, 17, 25, 26, 27]);
});

test('growth selects the method that models growth, deterministically', () => {
  const values = exact(70, growing);
  const made = forecast(values);
  expect(made.chosen).toBe('seasonal-regression');
  expect(made.ways[0]?.score.mase).toBeLessThan(0.1);
  expect(forecast(values)).toEqual(made);
});

test('too little history is refused with the missing days and the possible horizon', () => {
  expect(forecastOf(historyFrom(exact(45, growing)), { horizon: 14 })).toEqual({
    kind: 'refused',
    reason:
      'the history has 45 days, and a forecast of 14 needs 55 to be checked against: wait for 10 more, or use --horizon 4d',
    reasonZh: '历史数据只有 45 天，14 天的预测需要 55 天数据用于回测：请再等 10 天，或将预测时长缩短到 4 天',
  });
});

test('a limit below the forecast growth is reached, and one far above is not', () => {
  const values = exact(70, growing);
  const peak = forecast(values, { horizon: 7 }).peak.value;
  expect(forecast(values, { horizon: 7, limit: peak * 0.95 }).limit?.probability).toBe(1);
  expect(forecast(values, { horizon: 7, limit: peak * 2 }).limit).toMatchObject({ probability: 0, reached: [] });
});

test.each([0, 0.001])('single messages on weekends of %s msg/s do not increase the peak of the weekdays', (silent) => {
  const values = exact(70, (day) => {
    if (day % 7 < 5) return (week[day % 7] as number) * (Math.floor(day / 7) % 2 === 0 ? 0.9 : 1.1);
    return [33, 41, 47, 55].includes(day) ? 0.05 : silent;
  });
  expect(forecast(values).peak.high).toBeLessThan(2 * Math.max(...values));
});

test('reports the steps by which 10%, 50% and 90% of the simulations have reached a limit', () => {
  const courses = Array.from({ length: 10 }, (_, i) =>
    Float64Array.from({ length: 20 }, (_each, step) => (step >= i ? 5 : 1)),
  );
  expect(crossingOf(courses, 10, 5)).toEqual({
    probability: 1,
    courses: 10,
    reached: [
      { probability: 0.1, step: 0 },
      { probability: 0.5, step: 4 },
      { probability: 0.9, step: 8 },
    ],
  });
});

test('a limit below the load of the first hour is reached in that hour', () => {
  const load = madeLoad('x', { days: 84, growth: 0.001, noise: 0.06, drift: 0.03, memory: 0.8 });
  const history = { ...historyFrom(load), grid: gridOf('hour', timeZone('UTC')), first: 20_094 * 24 };
  const made = forecastOf({ ...history, spacingSeconds: 3600 }, { horizon: 14 * 24, limit: 12_500 });
  const { points, limit } = made.kind === 'forecast' ? made : expect.fail(made.reason);
  expect(points[0]?.low).toBeGreaterThan(12_500);
  expect(limit?.reached.map(({ step }) => step)).toEqual([0, 0, 0]);
});

const sale = (on: string) => ({ name: 'sale', on, days: 1, lead: 86_400 as never, tail: 0 as never });

test('a yearly promotion has its days in local time, with its lead', () => {
  const shanghai = gridOf('hour', timeZone('Asia/Shanghai'));
  const from = Date.UTC(2026, 10, 1) / 3_600_000;
  const [event, ...others] = eventsOf([sale('11-11')], shanghai, from, from + 24 * 30);
  const begins = Date.UTC(2026, 10, 10, 16) / 3_600_000;
  const ends = begins + 24;
  expect([event, others]).toEqual([{ name: 'sale', from: begins - 24, begins, ends, to: ends }, []]);
});

test('a promotion on a day whose midnight is skipped by a clock change begins at the change', () => {
  const santiago = gridOf('hour', timeZone('America/Santiago'));
  const change = Date.parse('2026-09-06T04:00Z') / 3_600_000;
  const [event] = eventsOf([{ ...sale('2026-09-06'), lead: 0 as never }], santiago, change - 48, change + 48);
  expect(event).toEqual({ name: 'sale', from: change, begins: change, ends: change + 23, to: change + 23 });
});

test('promotions do not affect the weekly pattern, and apply their multiplier when they recur', () => {
  const days = new Map([
    [30, 2],
    [51, 2.2],
    [72, 2],
  ]);
  const values = exact(70, (day) => (week[day % 7] as number) * (days.get(day) ?? 1));
  const dateOf = (day: number) => new Date((first + day) * 86_400_000).toISOString().slice(0, 10);
  const promotions = [...days.keys()].map((day) => ({ ...sale(dateOf(day)), lead: 0 as never }));
  const made = forecast(values, { horizon: 7, promotions });
  expect(made.promotions).toMatchObject([
    { name: 'sale', events: 2, peak: { multiplier: expect.closeTo(Math.sqrt(4.4), 6) } },
  ]);
  const { low = 0, high = 0, value = 0, promotion } = made.points[2] ?? {};
  expect([promotion, value / (week[72 % 7] as number)]).toEqual(['sale', expect.closeTo(Math.sqrt(4.4), 3)]);
  expect(low).toBeLessThan(value * 0.9);
  expect(high).toBeGreaterThan(value * 1.1);
  // Without noise, the highest load has the interval of the only hour in which it can be, and exceeds each end once in ten times.
  expect(made.peak.low).toBeCloseTo(low, 6);
  expect(made.peak.high).toBeCloseTo(high, 6);
  expect(forecast(values, { horizon: 7, promotions, limit: high * 1.01 }).limit?.probability).toBeCloseTo(0.09, 1.5);
});

test.each([
  ['falling by 2% a week', 0.98],
  ['rising by 2% a week', 1.02],
])('a promotion that doubles a load %s is forecast at twice the load of its day', (_, weekly) => {
  const usual = (day: number) => (week[day % 7] as number) * weekly ** (day / 7);
  const values = exact(70, (day) => usual(day) * (day === 44 || day === 65 ? 2 : 1));
  const promotions = [44, 65, 72].map((day) => promotionOn('sale', day));
  const { points, promotions: effects } = forecast(values, { horizon: 7, promotions });
  expect(effects[0]?.peak.multiplier).toBeCloseTo(2, 3);
  expect((points[2]?.value ?? 0) / (2 * usual(72))).toBeCloseTo(1, 2);
});

test('a promotion of unknown size on a quiet day does not narrow the interval of the busy days', () => {
  const values = exact(70, (day) => {
    const usual = (week[day % 7] as number) * (1 + 0.2 * Math.sin(day / 12));
    return usual * (day === 34 ? 1.2 : day === 55 ? 1.24 : 1);
  });
  const dateOf = (day: number) => new Date((first + day) * 86_400_000).toISOString().slice(0, 10);
  const peakWith = (...days: number[]) =>
    forecast(values, { horizon: 7, promotions: days.map((day) => ({ ...sale(dateOf(day)), lead: 0 as never })) }).peak;
  const [without, ahead] = [peakWith(34, 55), peakWith(34, 55, 76)];
  expect(ahead.low! / without.low!).toBeCloseTo(1, 2);
  expect(ahead.high! / without.high!).toBeGreaterThan(0.999);
});

test('a promotion measured once has no interval, and one never measured has no forecast', () => {
  const values = exact(70, (day) => (week[day % 7] as number) * (day === 40 ? 3 : 1));
  const dateOf = (day: number) => new Date((first + day) * 86_400_000).toISOString().slice(0, 10);
  const promotions = [
    { ...sale(dateOf(40)), lead: 0 as never },
    { ...sale(dateOf(71)), lead: 0 as never },
    { ...sale(dateOf(73)), name: 'new', lead: 0 as never },
  ];
  const { points, peak, notes } = forecast(values, { horizon: 7, promotions });
  expect(peak).toEqual({ value: expect.any(Number), timeMs: (first + 71) * 86_400_000 });
  expect(points[1]).toEqual({ timeMs: (first + 71) * 86_400_000, promotion: 'sale', value: expect.any(Number) });
  expect(points[3]).toEqual({ timeMs: (first + 73) * 86_400_000, promotion: 'new' });
  expect(notes).toEqual([expect.stringContaining('sale was measured once'), expect.stringContaining('new is ahead')]);
});

const promotionOn = (name: string, day: number, days = 1) => {
  const on = new Date((first + day) * 86_400_000).toISOString().slice(0, 10);
  return { name, on, days, lead: 0 as never, tail: 0 as never };
};
const memberDays = [20, 41, 71].map((day) => promotionOn('member-day', day, 3));
/** Member days have 1.5 times the load of the week, and the sale has 3 times. */
const withPromotions = exact(70, (day) => {
  const usual = week[day % 7] as number;
  if ([31, 42].includes(day)) return 3 * usual;
  return [20, 21, 22, 41, 43].includes(day) ? 1.5 * usual : usual;
});

test('names days unlike their weekday that the calendar does not contain', () => {
  const flat = exact(84, (day) => week[day % 7] as number);
  const changed = flat.map((value, day) => value * (day === 50 ? 4 : day === 61 ? 0.4 : 1));
  const noted = (...promotions: ReturnType<typeof sale>[]) =>
    forecast(changed, { horizon: 7, promotions }).notes.filter((note) => note.includes('unlike'));
  expect(noted()).toEqual([expect.stringContaining('2026-02-24 (4.0 times), 2026-03-07 (0.4 times). List')]);
  expect(noted({ ...sale('2026-02-24'), lead: 0 as never })).toEqual([
    expect.stringContaining('around them: 2026-03-07 (0.4 times). List'),
  ]);
  expect(forecast(exact(84, growing)).notes).toEqual([]);
});

test('a day without its busy hours, in a gap or a promotion, is not called unusual', () => {
  const grid = gridOf('hour', timeZone('UTC'));
  const load = Float64Array.from({ length: 84 * 24 }, (_, hour) => (hour % 24 < 12 ? 100 : 300));
  const gap = load.fill(Number.NaN, 40 * 24 + 12, 41 * 24);
  expect(unusualDayNotes(gap, grid, first * 24)).toEqual([]);
  const low = gap.fill(100, 50 * 24, 51 * 24).fill(900, 60 * 24 + 20, 60 * 24 + 21);
  expect(unusualDayNotes(low, grid, first * 24)).toEqual([
    expect.stringContaining('them: 2026-02-24 (0.3 times), 2026-03-06 (3.0 times). List'),
  ]);
});

test('of overlapping promotions the shorter one applies, also to the measurement of their common days', () => {
  const promotions = [...memberDays, ...[31, 42, 72].map((day) => promotionOn('sale', day))];
  const { promotions: effects, points } = forecast(withPromotions, { horizon: 7, promotions });
  expect(effects).toMatchObject([
    { name: 'member-day', events: 2, peak: { multiplier: expect.closeTo(1.5, 6) } },
    { name: 'sale', events: 2, peak: { multiplier: expect.closeTo(3, 6) } },
  ]);
  const factors = points.map(({ value = 0 }, i) => value / (week[(70 + i) % 7] as number));
  expect(points.slice(1, 4).map(({ promotion }, i) => [promotion, factors[i + 1]])).toEqual([
    ['member-day', expect.closeTo(1.5, 3)],
    ['sale', expect.closeTo(3, 3)],
    ['member-day', expect.closeTo(1.5, 3)],
  ]);
});

test('a promotion or a part of it that was never measured has no forecast, even within another promotion', () => {
  const timeMs = (first + 72) * 86_400_000;
  const never = forecast(withPromotions, { horizon: 7, promotions: [...memberDays, promotionOn('sale', 72)] });
  expect(never.points[2]).toEqual({ timeMs, promotion: 'sale' });
  expect(never.notes).toEqual([
    expect.stringContaining('2026-02-05 (3.0 times)'),
    expect.stringContaining('sale is ahead, but the history contains no earlier one'),
  ]);
  // The second of the only earlier member days was a sale.
  const partly = forecast(withPromotions, {
    horizon: 7,
    promotions: [...memberDays.slice(1), promotionOn('sale', 42)],
  });
  expect(partly.points[1]).toMatchObject({ promotion: 'member-day', value: expect.any(Number) });
  expect(partly.points[2]).toEqual({ timeMs, promotion: 'member-day' });
  expect(partly.notes).toEqual([
    expect.stringContaining('2026-02-05 (3.0 times)'),
    expect.stringContaining('member-day was measured once'),
    expect.stringContaining('the history measures no earlier one in 1 of its days'),
  ]);
});

/** The first two hours had 4, 6 and 5 times the usual load in 2024 to 2026; lead and tail differ by up to 5%. */
function effectOfDouble11(leadDays: number, gapAt?: number, years = 2) {
  const hourly = gridOf('hour', timeZone('UTC'));
  const from = Date.UTC(2024, 7, 1) / 3_600_000;
  const usual = new Float64Array(24 * (365 * years - 230)).fill(100);
  const actual = Float64Array.from(usual);
  const lasts = { days: 1, lead: (leadDays * 86_400) as never, tail: (2 * 86_400) as never };
  const events = eventsOf([{ name: 'double-11', on: '11-11', ...lasts }], hourly, from, from + usual.length);
  const times = { peak: [4, 6, 5], day: [2, 2.4, 2.2], quiet: [1, 1.05, 1.02] };
  for (const [year, event] of events.entries()) {
    for (let step = event.from; step < event.to; step += 1) {
      const hour = step - event.begins;
      const part = hour < 0 || hour >= 24 ? 'quiet' : hour < 2 ? 'peak' : 'day';
      usual[step - from] = Number.NaN;
      actual[step - from] = year === 0 && hour === gapAt ? Number.NaN : 100 * (times[part][year] ?? Number.NaN);
    }
  }
  const [effect] = effectsOf(events, { grid: hourly, first: from, usual, actual });
  return effect ?? expect.fail('no effect');
}

test('similar days before two peaks do not narrow the interval of the peak, and different peaks do not widen theirs', () => {
  const { peak, shape, events } = effectOfDouble11(10);
  expect([events, peak.offset, peak.multiplier]).toEqual([2, 0, expect.closeTo(Math.sqrt(24), 6)]);
  // The interval from two events is wider than both of them.
  expect(peak.high).toBeGreaterThan(6);
  expect(peak.low).toBeLessThan(4);
  expect(peak.high).toBeCloseTo(effectOfDouble11(0).peak.high ?? Number.NaN, 6);
  const spreads = [0, 20, -100].map((hour) => shape.get(hour)?.spread);
  expect(spreads).toEqual([1.5, 1.2, 1.05].map((ratio) => expect.closeTo(Math.log(ratio) / Math.SQRT2, 6)));
});

test('an hour measured in only one of two events has no interval', () => {
  const { peak, shape, events } = effectOfDouble11(10, 0);
  expect([events, peak]).toEqual([2, { multiplier: expect.closeTo(6, 6), offset: 0 }]);
  expect(shape.get(0)).toEqual({ log: expect.closeTo(Math.log(6), 6), events: 1 });
  expect(shape.get(1)).toMatchObject({ events: 2, spread: expect.any(Number) });
});

test('an hour missing in one of three events hardly widens the interval of the peak', () => {
  const whole = effectOfDouble11(10, undefined, 3);
  const withGap = effectOfDouble11(10, 0, 3);
  expect([withGap.events, withGap.peak.offset, withGap.shape.get(0)?.events]).toEqual([3, 0, 2]);
  const widthOf = ({ peak: { low = Number.NaN, high = Number.NaN } }: typeof whole) => Math.log(high / low);
  const wider = widthOf(withGap) / widthOf(whole);
  expect(wider).toBeGreaterThan(1);
  // With the degrees of freedom of that hour alone, it would be 1.5.
  expect(wider).toBeLessThan(1.25);
});

test('a peak on a day measured in only one of two promotions has no interval', () => {
  const values = exact(70, (day) => {
    if (day === 30) return Number.NaN;
    return (week[day % 7] as number) * (day === 51 ? 3 : [31, 52].includes(day) ? 1.5 : 1);
  });
  const promotions = [30, 51, 72].map((day) => promotionOn('sale', day, 2));
  const made = forecast(values, { horizon: 7, promotions });
  const timeMs = (first + 72) * 86_400_000;
  expect(made.promotions).toMatchObject([{ name: 'sale', events: 2 }]);
  expect(made.peak).toEqual({ value: expect.any(Number), timeMs });
  expect(made.points[2]).toEqual({ timeMs, promotion: 'sale', value: expect.any(Number) });
  expect(made.points[3]).toHaveProperty('high');
  expect(made.notes).toEqual([expect.stringContaining('sale was measured once in 1 of its days')]);
});

test.each(['2026-03-30', '2026-10-26'])(
  'on %s, after a clock change, the usual load is that of the same local hour',
  (on) => {
    const berlin = gridOf('hour', timeZone('Europe/Berlin'));
    const from = Date.parse(on) / 3_600_000 - 24 * 35;
    const usual = Float64Array.from(slotsOf(berlin, from, 24 * 40), (slot) => 100 + 10 * (slot % 24));
    const events = eventsOf([{ ...sale(on), lead: 0 as never }], berlin, from, from + usual.length);
    const actual = Float64Array.from(usual, (value) => 2 * value);
    const [effect] = effectsOf(events, { grid: berlin, first: from, usual, actual });
    const logs = [...(effect?.shape.values() ?? [])].map(({ log }) => log);
    expect(logs).toEqual(Array.from({ length: 24 }, () => expect.closeTo(Math.log(2), 9)));
  },
);

test('a disk is full when its weekly growth has filled the free space, at the 50% and 90% quantile', () => {
  const disk = diskForecast(historyFrom(exact(30, (day) => 1000 + 10 * day)), 2000);
  expect(disk).toMatchObject({
    kind: 'disk',
    usedBytes: 1290,
    growthBytesPerDay: { quantile50: 10, quantile90: 10 },
    daysToFull: { atQuantile50: 71, atQuantile90: 71 },
  });
});

test('a disk that does not grow has no days to full, and one with little history is refused', () => {
  expect(diskForecast(historyFrom(exact(30, () => 1000)), 2000)).not.toHaveProperty('daysToFull');
  // Full already, whether it still grows or not.
  const full = { daysToFull: { atQuantile50: 0, atQuantile90: 0 } };
  expect(diskForecast(historyFrom(exact(30, (day) => 3000 - day)), 2000)).toMatchObject(full);
  expect(diskForecast(historyFrom(exact(10, (day) => day)), 2000)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('4 more'),
  });
});

test('a disk history with gaps is refused by its seven-day windows, not by its days', () => {
  const values = exact(20, (day) => (day >= 8 && day < 16 ? Number.NaN : 1000 + 10 * day));
  expect(diskForecast(historyFrom(values), 2000)).toEqual({
    kind: 'refused',
    reason: 'the history has gaps: 1 of 13 seven-day windows have both ends, and days to full need 7',
  });
});
