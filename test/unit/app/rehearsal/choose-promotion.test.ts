import { expect, test } from 'vitest';
import { choosePromotion } from '../../../../app/rehearsal/choose-promotion.ts';

const promotion = (name: string, from: string, to: string) => ({ name, from, to, timezone: 'Asia/Shanghai' });
const calendar = [
  promotion('618 2026', '2026-06-17T20:00', '2026-06-19T00:00'),
  promotion('Double 11 2024', '2024-11-10T20:00', '2024-11-12T00:00'),
  promotion('Double 11 2025', '2025-11-10T20:00', '2025-11-12T00:00'),
  promotion('Double 11 2026', '2026-11-10T20:00', '2026-11-12T00:00'),
];
const now = Date.parse('2026-10-01T00:00:00Z');

test('replays the last promotion whose name differs only in the year', () => {
  const { target, replayed } = choosePromotion(calendar, 'Double 11 2026', {}, now);
  expect(replayed).toMatchObject({ name: 'Double 11 2025', fromMs: Date.parse('2025-11-10T20:00:00+08:00') });
  expect(target?.fromMs).toBe(Date.parse('2026-11-10T20:00:00+08:00'));
});

test('a year after a hyphen is not part of the name either', () => {
  const hyphenated = [promotion('double-11-2025', '2025-11-10T20:00', '2025-11-12T00:00')];
  expect(choosePromotion(hyphenated, 'double-11', {}, now).replayed.name).toBe('double-11-2025');
});

test('a past promotion is replayed itself', () => {
  expect(choosePromotion(calendar, '618 2026', {}, now).replayed.name).toBe('618 2026');
});

test('rejects a promotion without an earlier one, and names past promotions', () => {
  const first = [...calendar.slice(0, 1), promotion('Double 12 2026', '2026-12-11T20:00', '2026-12-13T00:00')];
  expect(() => choosePromotion(first, 'Double 12 2026', {}, now)).toThrow(/has no earlier one of this name/);
  expect(() => choosePromotion([], 'Double 12 2026', {}, now)).toThrow(
    /service.promotions has neither "Double 12 2026"/,
  );
});

test('a given time range is replayed if it has passed', () => {
  const given = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
  expect(choosePromotion([], 'Any', given, now).replayed).toEqual({
    name: 'Any',
    fromMs: Date.parse(given.from),
    toMs: Date.parse(given.to),
  });
  expect(() => choosePromotion([], 'Any', { ...given, to: '2027-01-01T00:00:00Z' }, now)).toThrow(/in the future/);
  expect(() => choosePromotion([], 'Any', { from: '2025-01-01', to: given.to }, now)).toThrow(/is not a time/);
});

test('an unknown name needs a time range, or the nearest name is suggested', () => {
  const given = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
  expect(choosePromotion(calendar, 'Spring 2027', given, now)).not.toHaveProperty('target');
  expect(() => choosePromotion(calendar, 'Duoble 11 2026', {}, now)).toThrow(
    expect.objectContaining({ code: 'source-empty', hint: expect.stringContaining('did you mean Double 11 2026? ') }),
  );
});
