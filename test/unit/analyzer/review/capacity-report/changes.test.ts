import { expect, test } from 'vitest';
import { changesBetween, settingChanges } from '../../../../../analyzer/review/capacity-report/changes.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import type { CapacityReport, DomainVerdict } from '../../../../../core/documents/capacity-report.ts';
import { inputs } from '../../../../support/capacity-report-inputs.ts';

const report = makeReport(inputs);
const orders = report.verdicts.find(({ domain }) => domain === 'orders')!;
const changesOf = (before: Partial<DomainVerdict>, now: Partial<DomainVerdict>) =>
  changesBetween([{ ...orders, ...before }], [{ ...orders, ...now }]);

test('the upper end of the peak is compared, since it decides', () => {
  const peakTps = { low: 36_000, mid: 42_000, high: 50_000 };
  expect(changesOf({ peakTps }, { peakTps: { ...peakTps, high: 70_000 } })).toEqual([
    { domain: 'orders', what: 'peak', before: 50_000, now: 70_000 },
  ]);
  expect(changesOf({ peakTps }, { peakTps: { ...peakTps, low: 10_000 } })).toEqual([]);
});

test('an observed maximum is compared as scaled by the policy', () => {
  const safeMaxTps = {
    kind: 'observed' as const,
    tps: 70_000,
    basis: [{ reading: 'r', capacity: 'c', policyLimit: 0.8, tps: { low: 56_000, high: 60_000 } }],
    limitedBy: { resource: 'network-out' as const, node: 'broker-a:0' },
  };
  expect(changesOf({ safeMaxTps, safeTps: 66_000 }, { safeMaxTps, safeTps: 56_000 })).toEqual([
    { domain: 'orders', what: 'safe-max', before: 66_000, now: 56_000 },
  ]);
  // Without a peak it was compared with nothing.
  const { safeTps: _, peakTps: _1, ...unpeaked } = orders;
  expect(changesBetween([{ ...unpeaked, safeMaxTps }], [{ ...unpeaked, safeMaxTps, safeTps: 56_000 }])).toEqual([]);
});

test('every change of the number of brokers is reported, since it does not vary at random', () => {
  expect(changesOf({ brokersNeeded: 100 }, { brokersNeeded: 101 })).toEqual([
    { domain: 'orders', what: 'brokers-needed', before: 100, now: 101 },
  ]);
});

type Evidence = CapacityReport['evidence'][number];
const evidence = (heap: string | undefined, over: Partial<Evidence> = {}): Evidence => ({
  ...report.evidence[0]!,
  ...(heap !== undefined && { fingerprint: { heap } }),
  ...over,
});
const change = { domain: 'orders', what: 'setting', setting: 'heap', before: '8g', now: '16g' };

test('settings are compared between measurements of the same kind only', () => {
  const production = evidence('4g', { origin: 'production' });
  const degraded = evidence('2g', { without: ['broker-a:0'] });
  const now = [evidence('16g')];
  for (const before of [
    [production, degraded, evidence('8g')],
    [evidence('8g'), degraded, production],
  ]) {
    expect(settingChanges(before, now)).toEqual([change]);
  }
  expect(settingChanges([production, degraded], now)).toEqual([]);
  expect(settingChanges([evidence('8g'), production], [...now, production])).toEqual([change]);
});

test('of several measurements of a kind the newest with settings counts, and a change is reported once', () => {
  const older = evidence('4g', { startedAt: '2026-01-01T00:00:00Z' });
  const undated = evidence('4g');
  delete undated.startedAt;
  expect(settingChanges([evidence('8g'), older, undated, evidence(undefined)], [older, evidence('16g')])).toEqual([
    change,
  ]);
  const degraded = (heap: string) => evidence(heap, { without: ['broker-a:0'] });
  expect(settingChanges([evidence('8g'), degraded('8g')], [evidence('16g'), degraded('16g')])).toEqual([change]);
  expect(settingChanges([evidence('8g')], [evidence(undefined)])).toEqual([]);
});
