import { expect, test } from 'vitest';
import { windowOf } from '../../../../cli/commands/gc.ts';

test('accepts clock times and seconds of uptime', () => {
  expect(windowOf({ from: '2026-01-01T12:00:00+08:00', to: '7200' })).toEqual({
    from: { kind: 'clock', epochMs: Date.parse('2026-01-01T04:00:00Z') },
    to: { kind: 'uptime', seconds: 7200 },
  });
});

test.each(['yesterday', '2026-01-01T12:00:00', '-5', ''])('rejects %j, which is no unambiguous time', (from) => {
  expect(() => windowOf({ from })).toThrow('is neither a time with a zone nor seconds');
});

test.each([
  ['20', '10'],
  ['10', '10'],
  ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00+08:00'],
])('rejects a window from %s to %s, which is empty', (from, to) => {
  expect(() => windowOf({ from, to })).toThrow(`--from ${from} is not before --to ${to}`);
});
