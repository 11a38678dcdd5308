import { expect, test } from 'vitest';
import type { GcLogReading } from '../../../../core/documents/evidence/gc-log-reading.ts';
import { gcFindings, longStopOf } from '../../../../service/gc/gc-findings.ts';
import { gcTotals } from '../../../support/shown-gc.ts';
import type { GcInterval } from '../../../../service/gc/gc-course.ts';

const reading: GcLogReading = { name: 'broker', unreadBytes: 0 };
const hour: GcInterval = { fromMs: 0, toMs: 3_600_000, gcSeconds: 10, pauses: 200, longestSeconds: 0.1 };
const codes = (
  whole: GcInterval | undefined,
  over: Partial<GcLogReading> = {},
  broker: 'kafka' | 'rocketmq' = 'kafka',
) =>
  gcFindings({ ...reading, ...over }, whole === undefined ? [] : [whole], broker).map(
    ({ code, severity }) => `${severity} ${code}`,
  );

test.for([
  ['calm', {}, ['info gc-not-the-cause']],
  ['5% of the time', { gcSeconds: 200 }, ['warning jvm-paused']],
  ['10% of the time', { gcSeconds: 400 }, ['critical low-throughput']],
  ['a full collection', { fullCollections: 1 }, ['critical full-collections']],
  ['stalls', { stalls: 2 }, ['warning allocation-stall']],
  ['slow safepoints', { slowSafepoints: 1 }, ['warning slow-safepoint']],
  ['failed evacuations', { evacuationFailures: 1 }, ['warning evacuation-failure']],
] as const)('%s', ([, over, expected]) => expect(codes({ ...hour, ...over })).toEqual(expected));

test('the pause length that counts as long depends on the broker', () => {
  expect([longStopOf('kafka').seconds, longStopOf('rocketmq').seconds]).toEqual([9, 0.2]);
  expect(codes({ ...hour, longStops: 1 })).toEqual(['critical long-stop']);
  expect(codes({ ...hour, longStops: 1 }, {}, 'rocketmq')).toEqual(['warning long-stop']);
});

test('a live set that stays the same, or grew before the JVM started, is no rise; one that fills the heap within a day is critical', () => {
  const points = (rise: number) =>
    Array.from({ length: 24 }, (_, at) => ({
      fromMs: 300_000 * at,
      toMs: 300_000 * (at + 1),
      liveSetBytes: (7 + rise * at) * 2 ** 30,
    }));
  const found = (rise: number, startedAtSeconds = 0) => {
    const liveSetBytes = (7 + rise * 23) * 2 ** 30;
    const totals = { ...gcTotals(1), heapMaxBytes: 8 * 2 ** 30, liveSetBytes, startedAtSeconds };
    const finding = gcFindings({ ...reading, totals }, points(rise), 'kafka').find(
      ({ code }) => code === 'live-set-large',
    );
    // A restart takes its load to the others.
    if (/restart the broker/.test(finding?.message ?? ''))
      expect(finding?.message).toContain('only while the other brokers can carry');
    return [finding?.severity, /full in about (.*?) \(/.exec(finding?.message ?? '')?.[1]];
  };
  expect(found(0)).toEqual(['warning', undefined]);
  expect(found(0.04)).toEqual(['critical', '10 min']);
  // Longer than was observed.
  expect(found(0.01)).toEqual(['warning', '6 h 25 min']);
  expect(found(0.01, 6900)).toEqual(['warning', undefined]);
});

test.for([
  ['two collections, the second an hour ago', 'warning', (at: number) => (at < 12 ? 6.9 : 7)],
  ['caches that filled in the first hour', 'warning', (at: number) => 7.2 - 0.6 * 2 ** -at + 0.01 * (at % 3)],
  ['a rise that ended two hours ago', 'warning', (at: number) => Math.min(7.6, 6.6 + 0.02 * at), 72],
  ['a leak', 'critical', (at: number) => 6.8 + 0.01 * at + 0.02 * (at % 3), 72],
  [
    'a leak that began two hours ago',
    'critical',
    (at: number) => 6.6 + 0.01 * (at % 3) + 0.04 * Math.max(0, at - 264),
    288,
  ],
  [
    'a leak that became faster two hours ago',
    'critical',
    (at: number) => 6.6 + 0.004 * (at - 144) + 0.03 * Math.max(0, at - 276),
    288,
  ],
  ['a heap that fills between collections', 'warning', (at: number) => 6.7 + 0.3 * ((at % 17) / 17), 288],
] as const)('a large live set after %s is a %s', ([, severity, gibibytesAt, count = 24]) => {
  const points = Array.from({ length: count }, (_, at) => ({
    fromMs: 300_000 * at,
    toMs: 300_000 * (at + 1),
    liveSetBytes: gibibytesAt(at) * 2 ** 30,
  }));
  const liveSetBytes = gibibytesAt(count - 1) * 2 ** 30;
  const totals = { ...gcTotals(1), heapMaxBytes: 8 * 2 ** 30, liveSetBytes, startedAtSeconds: 0 };
  const found = gcFindings({ ...reading, totals }, points, 'kafka').find(({ code }) => code === 'live-set-large');
  expect([found?.severity, /full in about/.test(found?.message ?? '')]).toEqual([severity, severity === 'critical']);
});

test('a log without readings has no all-clear finding', () => {
  expect(codes(undefined)).toEqual([]);
  expect(codes({ fromMs: 0, toMs: 1000 })).toEqual([]);
  expect(codes(hour, { trouble: 'permission denied', isStalled: true })).toEqual([
    'warning log-unread',
    'warning log-stalled',
  ]);
});
