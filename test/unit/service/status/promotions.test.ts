import { expect, test } from 'vitest';
import { Promotion } from '../../../../app/config/promotion.ts';
import {
  promotionAt,
  promotionCalendar,
  promotionSet,
  promotionsInForce,
  windowOf,
} from '../../../../service/status/promotions.ts';

const promotion = (name: string, from: string, to: string, timezone = 'Asia/Shanghai') =>
  Promotion.parse({ name, from, to, timezone });
const eleven = promotion('double-eleven', '2026-11-10T20:00', '2026-11-12T00:00');
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

test('local times are converted in the time zone of the promotion', () => {
  expect(iso(windowOf(eleven).fromMs)).toBe('2026-11-10T12:00:00.000Z');
  // Clocks go back one hour that night, so the day lasts 25 hours.
  const berlin = windowOf(promotion('sale', '2026-10-25T00:00', '2026-10-26T00:00', 'Europe/Berlin'));
  expect((berlin.toMs - berlin.fromMs) / 3_600_000).toBe(25);
});

test('an active promotion comes before the next one, and its end time is exclusive', () => {
  const windows = promotionsInForce([eleven, promotion('618', '2027-06-18T00:00', '2027-06-19T00:00')], []);
  const at = (text: string) => promotionAt(windows, Date.parse(text))?.name;
  expect(at('2026-11-10T11:59:59Z')).toBe('double-eleven');
  expect(at('2026-11-11T00:00:00Z')).toBe('double-eleven');
  expect(at('2026-11-11T16:00:00Z')).toBe('618');
  expect(at('2027-07-01T00:00:00Z')).toBeUndefined();
});

test('a promotion set by an operator replaces the config, and the last one set for a name counts', () => {
  const later = promotion('double-eleven', '2026-11-11T00:00', '2026-11-12T00:00');
  const windows = promotionsInForce([eleven], [eleven, later]);
  expect(windows.map(({ fromMs }) => iso(fromMs))).toEqual(['2026-11-10T16:00:00.000Z']);
});

test('a promotion set for a past year does not replace the next one of the same name', () => {
  const next = promotion('double-eleven', '2027-11-10T20:00', '2027-11-12T00:00');
  const windows = promotionsInForce([next], [eleven]);
  expect(windows).toEqual([windowOf(eleven), windowOf(next)]);
  expect(promotionAt(windows, Date.parse('2027-11-11T00:00:00Z'))).toEqual(windowOf(next));
});

test('the calendar includes past promotions, and for the same time the last one set', () => {
  const before = promotion('double-eleven', '2025-11-10T20:00', '2025-11-12T00:00');
  const later = promotion('double-eleven', '2026-11-11T00:00', '2026-11-12T00:00');
  expect(promotionCalendar([before, eleven], [later])).toEqual([before, later]);
});

test("a monthly promotion keeps all its times, and an operator's change moves the nearest one", () => {
  const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];
  const monthly = months.map((month) => promotion('flash sale', `2026-${month}-18T00:00`, `2026-${month}-19T00:00`));
  expect(promotionCalendar(monthly, [])).toEqual(monthly);
  const moved = promotion('flash sale', '2026-06-20T00:00', '2026-06-21T00:00');
  expect(promotionCalendar(monthly, [moved])).toEqual(monthly.with(5, moved));
});

test('a promotion that an operator moves keeps the lead and tail of the config', () => {
  const { name, from, to, timezone } = promotion('double-eleven', '2026-11-11T00:00', '2026-11-12T00:00');
  const configured = Promotion.parse({ ...eleven, lead: '10d', tail: '2d' });
  const moved = promotionSet({
    kind: 'change',
    id: 1,
    at: '',
    by: { name: 'a', through: 'api' },
    document: { what: 'promotion-set', after: JSON.stringify({ name, from, to, timezone }) },
  });
  if (moved === undefined) throw new Error('not set');
  expect(promotionCalendar([configured], [moved])).toEqual([{ ...configured, from }]);
});

test('an entry that sets no valid promotion is ignored', () => {
  const entry = (what: 'annotated' | 'promotion-set', after: string) =>
    ({ kind: 'change', id: 1, at: '', by: { name: 'a', through: 'api' }, document: { what, after } }) as const;
  expect(promotionSet(entry('promotion-set', JSON.stringify(eleven)))).toEqual(eleven);
  expect(promotionSet(entry('annotated', JSON.stringify(eleven)))).toBeUndefined();
  expect(promotionSet(entry('promotion-set', 'not json'))).toBeUndefined();
  expect(promotionSet(entry('promotion-set', '{"name":"x"}'))).toBeUndefined();
});

test.for([
  [{ from: '2026-11-12T00:00', to: '2026-11-11T00:00' }, /ends after it begins/],
  [{ from: '2026-02-30T00:00', to: '2026-11-11T00:00' }, /no such day/],
  [{ from: '2026-11-11', to: '2026-11-12' }, /local time such as/],
] as const)('%o is refused', ([times, words]) => {
  expect(Promotion.safeParse({ name: 'x', ...times }).error?.issues[0]?.message).toMatch(words);
});
