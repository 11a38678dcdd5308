import { expect, test } from 'vitest';
import { zonedMs } from '../../../core/local-moment.ts';

const evening = Date.UTC(2026, 5, 18, 12);

test.each([
  '2026-06-18T20:00:00+08:00',
  '2026-06-18T20:00:00+0800',
  '2026-06-18T20:00+08:00',
  '2026-06-18 20:00:00 +08:00',
  '2026-06-18T12:00:00.000Z',
  '2026-06-18T12:00:00 Z',
])('%s is a time with a zone', (text) => {
  expect(zonedMs(text)).toBe(evening);
});

test.each([
  '2026-06-18T20:00:00',
  '2026-06-18',
  '2026-02-30T12:00:00Z',
  '2026-06-18T24:00:01Z',
  '2026-06-18T20:00:00+15:00',
  'Thu, 18 Jun 2026 12:00:00 GMT',
  '',
])('%o is not a time with a zone', (text) => {
  expect(zonedMs(text)).toBeNaN();
});

test('a year of the first century is not read as a year of the twentieth', () => {
  expect(zonedMs('0050-01-01 00:00:00Z')).toBe(Date.parse('0050-01-01T00:00:00Z'));
});
