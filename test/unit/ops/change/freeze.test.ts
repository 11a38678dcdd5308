// Checks the begin and end of freezes in their time zones.

import { expect, test } from 'vitest';
import { Freeze } from '../../../../ops/change/config.ts';
import { currentFreeze, endText, freezeText, nextFreeze } from '../../../../ops/change/freeze.ts';

const promotion = Freeze.parse({
  reason: 'Double Eleven',
  from: '2026-11-10T20:00',
  to: '2026-11-12T00:00',
  timeZone: 'Asia/Shanghai',
});
const nightly = Freeze.parse({ reason: 'batch', daily: { from: '22:00', to: '02:30' }, timeZone: 'Europe/Berlin' });
const at = (text: string) => new Date(text);
const reasonAt = (freezes: readonly Freeze[], text: string, cluster = 'orders') =>
  currentFreeze(freezes, cluster, at(text))?.freeze.reason;

test('a freeze between two dates is active from its start until just before its end', () => {
  expect(reasonAt([promotion], '2026-11-10T11:59:59Z')).toBeUndefined();
  expect(reasonAt([promotion], '2026-11-10T12:00:00Z')).toBe('Double Eleven');
  expect(reasonAt([promotion], '2026-11-11T15:59:59.999Z')).toBe('Double Eleven');
  expect(reasonAt([promotion], '2026-11-11T16:00:00Z')).toBeUndefined();
});

test('a daily freeze spans midnight in its own time zone', () => {
  expect(reasonAt([nightly], '2026-07-01T19:59:00Z')).toBeUndefined();
  expect(reasonAt([nightly], '2026-07-01T20:00:00Z')).toBe('batch');
  expect(reasonAt([nightly], '2026-07-02T00:29:00Z')).toBe('batch');
  expect(reasonAt([nightly], '2026-07-02T00:30:00Z')).toBeUndefined();
  // One hour later in winter.
  expect(reasonAt([nightly], '2026-01-01T20:30:00Z')).toBeUndefined();
  expect(reasonAt([nightly], '2026-01-01T21:00:00Z')).toBe('batch');
});

test('a daily freeze whose end falls into a gap of daylight saving time ends after the gap', () => {
  // In Berlin 02:30 of 29 March 2026 does not exist: 01:59:59 is followed by 03:00:00.
  expect(reasonAt([nightly], '2026-03-29T00:59:59Z')).toBe('batch');
  expect(reasonAt([nightly], '2026-03-29T01:30:00Z')).toBeUndefined();
});

test('a daily freeze that starts and ends at the same time never ends', () => {
  const always = Freeze.parse({ reason: 'audit', daily: { from: '00:00', to: '00:00' } });
  const span = currentFreeze([always], 'orders', at('2026-11-10T12:00:00Z'));
  expect(span && endText(span)).toBe('with no end');
});

test('a freeze of named clusters applies only to these clusters', () => {
  const freeze = { ...promotion, clusters: ['payments'] };
  expect(reasonAt([freeze], '2026-11-11T00:00:00Z')).toBeUndefined();
  expect(reasonAt([freeze], '2026-11-11T00:00:00Z', 'payments')).toBe('Double Eleven');
});

test('reports the active freeze that ends last, and the next freeze to begin', () => {
  const span = currentFreeze([nightly, promotion], 'orders', at('2026-11-10T21:30:00Z'));
  expect(span && endText(span)).toBe('until 2026-11-12 00:00 Asia/Shanghai');
  const next = nextFreeze([promotion, nightly], 'orders', at('2026-11-09T10:00:00Z'));
  expect(next && [freezeText(next.freeze), new Date(next.fromMs).toISOString()]).toEqual([
    'daily 22:00 to 02:30 Europe/Berlin',
    '2026-11-09T21:00:00.000Z',
  ]);
  expect(nextFreeze([promotion], 'orders', at('2026-11-12T00:00:00Z'))).toBeUndefined();
});
