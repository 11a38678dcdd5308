import { expect, test } from 'vitest';
import { fullestDisk } from '../../../../service/pages/cluster-content.ts';
import { ClusterReadings } from '../../../../service/readings/cluster-readings.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

const nowMs = Date.parse('2026-11-10T12:00:00.000Z');
const minuteMs = 60_000;
const policy = examplePolicy();
const limitRatio = policy.limits['disk-space'].value;

/** @param used disk usage ratio of each broker by minute, from `minutes` ago until now */
function readingsOf(used: Record<string, (minute: number) => number>, minutes = 1440): ClusterReadings {
  const readings = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  for (let minute = -minutes; minute <= 0; minute++) {
    const brokers = Object.entries(used).map(([name, ratio]) => ({
      of: 'broker' as const,
      name,
      values: { diskSpaceRatio: ratio(minute) },
    }));
    readings.add('broker', brokers, { atMs: nowMs + minute * minuteMs });
  }
  return readings;
}

test('the fullest disk is shown with its broker, policy limit and time to the limit at its growth rate', () => {
  const perMinute = 0.1 / 1440;
  const disk = fullestDisk(
    readingsOf({ a: () => 0.3, b: (minute) => 0.6 + minute * perMinute }),
    policy,
    'kafka',
    nowMs,
  );
  expect(disk).toMatchObject({ broker: 'b', limitRatio, next: 'limit' });
  expect(disk?.ratio).toBeCloseTo(0.6, 2);
  const expected = ((limitRatio - 0.6) / perMinute) * 60;
  expect(disk?.secondsToNext).toBeGreaterThan(0.97 * expected);
  expect(disk?.secondsToNext).toBeLessThan(1.03 * expected);
});

test('a disk above its limit has only the time until it is full', () => {
  const disk = fullestDisk(readingsOf({ a: (minute) => 0.9 + minute * 0.00003 }), policy, 'kafka', nowMs);
  expect(disk?.next).toBe('full');
  expect((disk?.secondsToNext ?? 0) / 60).toBeCloseTo(0.1 / 0.00003, -3);
});

test('above its limit, a disk of RocketMQ has the time until the broker deletes messages, which is 0 from 85%', () => {
  const diskOf = (ratio: number) =>
    fullestDisk(readingsOf({ a: (minute) => ratio + minute * 0.00003 }), policy, 'rocketmq', nowMs);
  expect(diskOf(0.8)?.next).toBe('deletion');
  expect((diskOf(0.8)?.secondsToNext ?? 0) / 60).toBeCloseTo(0.05 / 0.00003, -3);
  expect(diskOf(0.88)).toMatchObject({ next: 'deletion', secondsToNext: 0 });
});

test.each([
  ['that does not grow', () => 0.5],
  ['that is emptied', (minute: number) => 0.5 - minute * 0.0001],
])('a disk %s has no time to its limit', (_, ratio) => {
  const disk = fullestDisk(readingsOf({ a: ratio }), policy, 'kafka', nowMs);
  expect(disk).toMatchObject({ broker: 'a', overSeconds: expect.any(Number) });
  expect(disk).not.toHaveProperty('secondsToNext');
});

test('half an hour of readings is too short for a trend, and a disk not read for an hour is unknown', () => {
  const growing = { a: (minute: number) => 0.6 + minute * 0.001 };
  expect(fullestDisk(readingsOf(growing, 30), policy, 'kafka', nowMs)).not.toHaveProperty('overSeconds');
  expect(fullestDisk(readingsOf(growing), policy, 'kafka', nowMs + 3_600_000)).toBe(undefined);
  expect(fullestDisk(undefined, policy, 'kafka', nowMs)).toBe(undefined);
});
