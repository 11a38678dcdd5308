import { expect, test } from 'vitest';
import { readWindow } from '../../../../app/analysis/production.ts';

const now = new Date('2026-11-08T12:00:00Z');
const windowOf = (options: Record<string, string>) => {
  const { from, to, stepSeconds } = readWindow(options, now);
  return [from.toISOString(), to.toISOString(), stepSeconds];
};

test.each([
  ['so long ago', { from: 'now-7d' }, ['2026-11-01T12:00:00.000Z', now.toISOString(), 60]],
  ['two days', { from: '2026-11-01', to: '2026-11-03' }, ['2026-11-01T00:00:00.000Z', '2026-11-03T00:00:00.000Z', 60]],
  ['a zone', { from: '2026-11-01T08:00:00+08:00', step: '30s' }, ['2026-11-01T00:00:00.000Z', now.toISOString(), 30]],
] as const)('reads %s', (_, options, expected) => expect(windowOf(options)).toEqual(expected));

test('reports a window that ends before it begins, and the units of a relative time', () => {
  expect(() => windowOf({ from: 'now-7d', to: 'now-8d' })).toThrow(/ends before it begins/);
  expect(() => windowOf({ from: 'now-6w' })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('units: s, m, h, d') }),
  );
});

test.each([
  ['a time without a zone', { from: '2026-11-01T08:00:00' }],
  ['words', { from: 'yesterday' }],
  ['an end before the begin', { from: 'now-1h', to: 'now-2h' }],
  ['an hour', { from: 'now-1h' }],
  ['the future', { from: 'now-1d', to: '2026-12-01' }],
  ['a step of an hour', { from: 'now-7d', step: '1h' }],
  ['no begin', {}],
] as const)('rejects %s', (_, options) => expect(() => windowOf(options)).toThrow());
