import { expect, test } from 'vitest';
import { readPast } from '../../../../../dashboards/web/readings/range-picker.ts';

const nowMs = Date.parse('2026-11-10T12:07:00Z');
const asked = (query: string, zone = 'UTC') => readPast(new URLSearchParams(query), zone, nowMs);
const hourMs = 3_600_000;

test('seven days are slots of half an hour, up to the last complete slot', () => {
  expect(asked('range=7d').past).toEqual({
    range: '7d',
    slotMs: hourMs / 2,
    slots: 336,
    endMs: Date.parse('2026-11-10T12:00:00Z'),
  });
});

test('a custom range is in the time zone of the page and ends now at the latest', () => {
  const { past } = asked('range=custom&from=2026-11-10T18:00&to=2026-11-10T19:30', 'Asia/Shanghai');
  expect([past?.endMs, (past?.slots ?? 0) * (past?.slotMs ?? 0)]).toEqual([
    Date.parse('2026-11-10T11:30:00Z'),
    1.5 * hourMs,
  ]);
  expect(asked('range=custom&from=2026-11-10T11:00&to=2027-01-01T00:00').past?.endMs).toBeLessThanOrEqual(nowMs);
});

test.each([
  ['without an end', 'from=2026-11-10T10:00'],
  ['that ends before it begins', 'from=2026-11-10T10:00&to=2026-11-09T10:00'],
  ['of five minutes', 'from=2026-11-10T10:00&to=2026-11-10T10:05'],
  ['of years', 'from=2020-11-10T10:00&to=2026-11-10T10:05'],
  ['in the future', 'from=2026-11-11T10:00&to=2026-11-12T10:00'],
  ['with an invalid time', `from=${'9'.repeat(1000)}&to=<script>`],
])('a range %s is reported as invalid', (_, query) => {
  const read = asked(`range=custom&${query}`);
  expect([read.isFaulty, read.past]).toEqual([true, undefined]);
  expect(read.from.length).toBeLessThanOrEqual(20);
});

test.each([0.5, 3, 24, 24 * 30, 24 * 93])('a range of %d hours has at most 340 slots, a multiple of three', (hours) => {
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const { past } = asked(`range=custom&from=${text(nowMs - hours * hourMs)}&to=${text(nowMs)}`);
  const { slots, slotMs, endMs } = past ?? expect.fail('no range');
  expect(slots).toBeLessThanOrEqual(340);
  expect(slots % 3).toBe(0);
  expect(endMs % slotMs).toBe(0);
});
