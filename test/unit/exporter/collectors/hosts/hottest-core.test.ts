import { expect, test } from 'vitest';
import type { CpuTimes } from '../../../../../core/documents/evidence/host-reading.ts';
import { hottestBetween } from '../../../../../exporter/collectors/hosts/hottest-core.ts';

const core = (times: Partial<CpuTimes>): CpuTimes => ({
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  ...times,
});

test('finds one busy core among idle ones, with its share of softirq', () => {
  const before = [core({ idle: 100 }), core({ idle: 100 })];
  const after = [core({ idle: 109, user: 1 }), core({ idle: 100.5, user: 2, softirq: 7, iowait: 0.5 })];
  expect(hottestBetween(before, after)).toEqual({
    cpu: 1,
    busyRatio: expect.closeTo(0.9, 9),
    softirqRatio: expect.closeTo(0.7, 9),
  });
});

test('identifies a core by its number, so that an offline core does not shift others', () => {
  const before = [core({ idle: 10 }), core({ cpu: 1, idle: 10 }), core({ cpu: 2, idle: 10 })];
  const after = [core({ idle: 20 }), core({ cpu: 2, idle: 12, user: 8 })];
  expect(hottestBetween(before, after)).toMatchObject({ cpu: 2, busyRatio: 0.8 });
});

test('a core whose counters restarted, or without elapsed time, has no use', () => {
  expect(hottestBetween([core({ idle: 100, user: 50 })], [core({ idle: 3, user: 1 })])).toBeUndefined();
  expect(hottestBetween([core({ idle: 1 })], [core({ idle: 1 })])).toBeUndefined();
});
