import { expect, test } from 'vitest';
import type { CpuTimes } from '../../../core/documents/evidence/host-reading.ts';
import { createCpuGuard } from '../../../hosts/cpu-guard.ts';

const core = (over: Partial<CpuTimes>): CpuTimes => ({
  user: 10,
  nice: 0,
  system: 10,
  idle: 100,
  iowait: 5,
  irq: 0,
  softirq: 0,
  steal: 0,
  ...over,
});

test('keeps the old value of a counter that decreases, and the new values of the others', () => {
  const guard = createCpuGuard();
  guard([core({})]);
  expect(guard([core({ iowait: 4, user: 11 })])).toEqual([core({ iowait: 5, user: 11 })]);
});

test('restarts for a core that was taken offline and online again', () => {
  const guard = createCpuGuard();
  guard([core({ idle: 100 })]);
  expect(guard([core({ idle: 1, user: 0 })])).toEqual([core({ idle: 1, user: 0 })]);
});

test('identifies cores by number, not by position', () => {
  const guard = createCpuGuard();
  guard([core({ user: 50 }), core({ user: 7 })]);
  expect(guard([core({ cpu: 1, user: 8 })])).toEqual([core({ cpu: 1, user: 8 })]);
});
