import { expect, test } from 'vitest';
import { isWithin, minutesLeft } from '../../../../loadgen/guard/window.ts';

const night = { from: '23:00', to: '05:00', timeZone: 'Asia/Shanghai' };
const at = (text: string) => new Date(text);

test.each([
  ['22:59 in Shanghai', '2026-06-17T14:59:59Z', false],
  ['23:00 in Shanghai', '2026-06-17T15:00:00Z', true],
  ['04:59 the next day', '2026-06-17T20:59:00Z', true],
  ['05:00, the first minute outside', '2026-06-17T21:00:00Z', false],
])('a window across midnight is checked at %s', (_, moment, isOpen) =>
  expect(isWithin(night, at(moment))).toBe(isOpen),
);

test('returns how long the window stays open', () => {
  expect(minutesLeft(night, at('2026-06-17T20:30:00Z'))).toBe(30);
  expect(minutesLeft(night, at('2026-06-17T12:00:00Z'))).toBeUndefined();
  expect(minutesLeft('always', at('2026-06-17T12:00:00Z'))).toBe(Infinity);
});

test('follows the wall clock when it is set back in autumn', () => {
  const window = { from: '02:30', to: '03:30', timeZone: 'Europe/Berlin' };
  expect(isWithin(window, at('2026-10-25T00:45:00Z'))).toBe(true);
  expect(isWithin(window, at('2026-10-25T01:15:00Z'))).toBe(false);
  expect(isWithin(window, at('2026-10-25T01:45:00Z'))).toBe(true);
});

test.each([
  ['forward: an hour less', '23:00', '05:00', '2026-03-28T23:00:00Z', 240],
  ['forward, rounded up', '23:00', '05:00', '2026-03-28T23:00:30Z', 240],
  ['forward past the end of the window', '23:00', '02:30', '2026-03-29T00:30:00Z', 30],
  ['forward after the window', '23:00', '01:30', '2026-03-28T23:00:00Z', 90],
  ['back: an hour more', '23:00', '05:00', '2026-10-24T22:00:00Z', 360],
  ['back when it would close', '23:00', '03:00', '2026-10-25T00:45:00Z', 75],
  ['back to before its start', '02:30', '03:30', '2026-10-25T00:45:00Z', 15],
  ['back after it closed once', '23:00', '02:30', '2026-10-25T01:15:00Z', 15],
])('counts the real minutes left when the clocks go %s', (_, from, to, moment, left) =>
  expect(minutesLeft({ from, to, timeZone: 'Europe/Berlin' }, at(moment))).toBe(left),
);

test('a window with equal start and end is the whole day', () =>
  expect(isWithin({ from: '00:00', to: '00:00', timeZone: 'UTC' }, at('2026-06-17T12:00:00Z'))).toBe(true));
