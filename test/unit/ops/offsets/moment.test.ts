import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { momentOf } from '../../../../ops/offsets/moment.ts';

const now = new Date('2026-11-20T12:00:00Z');
const read = (text: string) => momentOf(text, 'to-time', now);

test('reads the same time from every time zone', () => {
  expect(read('2026-11-11T00:00:00+08:00')).toBe(Date.parse('2026-11-10T16:00:00Z'));
  expect(read('2026-11-10T16:00Z')).toBe(Date.parse('2026-11-10T16:00:00Z'));
  expect(read('2026-11-10 16:00:00.250Z')).toBe(Date.parse('2026-11-10T16:00:00.250Z'));
  expect(read('2024-02-29T00:00:00-03:30')).toBe(Date.parse('2024-02-29T03:30:00Z'));
});

test.each([
  ['2026-11-11T00:00:00', /no time zone/],
  ['1762819200', /seconds and milliseconds are easily confused/],
  ['1762819200000', /seconds and milliseconds are easily confused/],
  ['11/11/2026', /not a time of the form/],
  ['2026-11-11', /not a time of the form/],
  ['yesterday', /not a time of the form/],
  ['2026-02-30T00:00:00Z', /no such day/],
  ['2026-11-10T25:00:00Z', /no such day/],
  ['2026-11-10T23:60:00Z', /no such day/],
  ['2026-11-10T00:00:00+15:00', /no such day/],
  ['2026-11-20T12:00:01Z', /is in the future/],
])('rejects %s and suggests a valid form', (text, words) => {
  expect(() => read(text)).toThrow(words);
  try {
    read(text);
  } catch (fault) {
    expect(fault).toBeInstanceOf(AppError);
    expect((fault as AppError).message).toContain(`--to-time ${text}`);
    expect((fault as AppError).hint).toMatch(/2026-11-11T00:00:00\+08:00|--latest/);
  }
});
