import { expect, test } from 'vitest';
import { asCalendar, daysOf, Promotion, promotionNamed, spanOfLocal } from '../../../../app/config/promotion.ts';

const promotion = (over: object = {}) =>
  Promotion.parse({ name: 'double-11', from: '2026-11-10T20:00', to: '2026-11-12T00:00', ...over });

test('the end of a promotion is not in it', () => {
  expect(daysOf(promotion())).toEqual({ from: '2026-11-10', to: '2026-11-11' });
  expect(daysOf(promotion({ to: '2026-11-12T00:01' }))).toEqual({ from: '2026-11-10', to: '2026-11-12' });
});

test('a local time is a moment of its zone; one that the clocks skip is the moment after the gap', () => {
  expect(spanOfLocal(promotion({ timezone: 'Asia/Shanghai' }))).toEqual({
    fromMs: Date.UTC(2026, 10, 10, 12),
    toMs: Date.UTC(2026, 10, 11, 16),
  });
  const spring = { from: '2026-03-29T02:30', to: '2026-03-29T04:00', timezone: 'Europe/Berlin' };
  expect(spanOfLocal(promotion(spring)).fromMs).toBe(Date.UTC(2026, 2, 29, 1, 30));
});

test('a forecast knows it by whole days, with the days around it', () => {
  expect(asCalendar(promotion({ lead: '10d', tail: '2d' }))).toEqual({
    name: 'double-11',
    on: '2026-11-10',
    days: 2,
    lead: 864_000,
    tail: 172_800,
  });
  expect(asCalendar(promotion())).toMatchObject({ lead: 0, tail: 0 });
});

test('of several of a name the one that is not over counts, else the last', () => {
  const [last, next] = [promotion({ from: '2025-11-10T20:00', to: '2025-11-12T00:00' }), promotion()];
  const all = [next, last, promotion({ name: '618' })];
  expect(promotionNamed(all, 'double-11', '2026-10-01')).toBe(next);
  expect(promotionNamed(all, 'double-11', '2025-11-11')).toBe(last);
  expect(promotionNamed(all, 'double-11', '2027-01-01')).toBe(next);
  expect(promotionNamed(all, 'spring', '2026-10-01')).toBeUndefined();
});
