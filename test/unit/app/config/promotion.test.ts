import { expect, test } from 'vitest';
import { gridOf, stepAt } from '../../../../analyzer/forecast/grid.ts';
import { timeZone } from '../../../../analyzer/forecast/local-time.ts';
import { eventsOf } from '../../../../analyzer/forecast/promotions.ts';
import { asCalendar, daysOf, Promotion, promotionNamed, spanOfLocal } from '../../../../app/config/promotion.ts';

const promotion = (over: object = {}) =>
  Promotion.parse({ name: 'double-11', from: '2026-11-10T20:00', to: '2026-11-12T00:00', ...over });

test('the end of a promotion is exclusive', () => {
  expect(daysOf(promotion())).toEqual({ from: '2026-11-10', to: '2026-11-11' });
  expect(daysOf(promotion({ to: '2026-11-12T00:01' }))).toEqual({ from: '2026-11-10', to: '2026-11-12' });
});

test('a local time means its time zone, and a skipped time means the end of the gap', () => {
  expect(spanOfLocal(promotion({ timezone: 'Asia/Shanghai' }))).toEqual({
    fromMs: Date.UTC(2026, 10, 10, 12),
    toMs: Date.UTC(2026, 10, 11, 16),
  });
  const spring = { from: '2026-03-29T02:30', to: '2026-03-29T04:00', timezone: 'Europe/Berlin' };
  expect(spanOfLocal(promotion(spring)).fromMs).toBe(Date.UTC(2026, 2, 29, 1));
  const short = { from: '2026-03-29T02:30', to: '2026-03-29T03:15', timezone: 'Europe/Berlin' };
  expect(spanOfLocal(promotion(short))).toEqual({
    fromMs: Date.UTC(2026, 2, 29, 1),
    toMs: Date.UTC(2026, 2, 29, 1, 15),
  });
});

test('a forecast uses whole days of a promotion, plus the days around it', () => {
  expect(asCalendar(promotion({ lead: '10d', tail: '2d' }), 'UTC')).toEqual({
    name: 'double-11',
    on: '2026-11-10',
    days: 2,
    lead: 864_000,
    tail: 172_800,
  });
  expect(asCalendar(promotion(), 'UTC')).toMatchObject({ lead: 0, tail: 0 });
});

const midYear = { name: '618', from: '2026-06-18T00:00', to: '2026-06-19T00:00', timezone: 'Asia/Shanghai' };

test.for([
  ['Asia/Shanghai', '2026-06-18', 1],
  ['UTC', '2026-06-17', 2],
  ['America/Los_Angeles', '2026-06-17', 2],
  ['Asia/Tokyo', '2026-06-18', 2],
] as const)('the days of a promotion in a forecast in %s cover the whole day in Shanghai', ([zone, on, days]) => {
  const given = promotion(midYear);
  expect(asCalendar(given, zone)).toMatchObject({ on, days });
  const grid = gridOf('hour', timeZone(zone));
  const { fromMs, toMs } = spanOfLocal(given);
  const [first, last] = [stepAt(grid, fromMs), stepAt(grid, toMs - 1)];
  const [event] = eventsOf([asCalendar(given, zone)], grid, first - 1000, last + 1000);
  if (event === undefined) throw new Error('no event');
  expect([event.begins <= first, event.to > last]).toEqual([true, true]);
});

test('a month touches one more day in another time zone', () => {
  const december = promotion({ from: '2026-12-01T00:00', to: '2027-01-01T00:00', timezone: 'Asia/Shanghai' });
  expect(asCalendar(december, 'UTC')).toMatchObject({ on: '2026-11-30', days: 32 });
});

test('a promotion longer than a month is used completely', () => {
  const withPreSale = promotion({ from: '2026-05-13T00:00', to: '2026-06-21T00:00' });
  expect(asCalendar(withPreSale, 'UTC')).toMatchObject({ on: '2026-05-13', days: 39 });
});

test('uses the promotion of a name that has not ended, otherwise the last one', () => {
  const [last, next] = [promotion({ from: '2025-11-10T20:00', to: '2025-11-12T00:00' }), promotion()];
  const all = [next, last, promotion({ name: '618' })];
  expect(promotionNamed(all, 'double-11', '2026-10-01')).toBe(next);
  expect(promotionNamed(all, 'double-11', '2025-11-11')).toBe(last);
  expect(promotionNamed(all, 'double-11', '2027-01-01')).toBe(next);
  expect(promotionNamed(all, 'spring', '2026-10-01')).toBeUndefined();
});
