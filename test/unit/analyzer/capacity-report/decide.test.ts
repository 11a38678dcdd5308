import { expect, test } from 'vitest';
import { decide } from '../../../../analyzer/capacity-report/decide.ts';
import type { SafeMaxTps } from '../../../../core/analysis.ts';

const limitedBy = { resource: 'network-out', node: 'broker-a' } as const;
const predicted = (low: number): SafeMaxTps => ({
  kind: 'predicted',
  tps: low,
  estimateTps: low * 1.05,
  interval: { low, high: low * 1.1, confidence: 0.95 },
  limitedBy,
});
const observed: SafeMaxTps = {
  kind: 'observed',
  tps: 7000,
  basis: [{ reading: 'NIC', capacity: 'line rate', policyLimit: 0.8, tps: { low: 5600, high: 7000 } }],
  limitedBy,
};
const atLeast = (tps: number): SafeMaxTps => ({ kind: 'at-least', tps, reason: 'no-limit-reached' });
const unknown: SafeMaxTps = { kind: 'unknown', missing: [] };
const peakTps = { low: 3000, mid: 4000, high: 5000 };
const sure = { probabilityEnough: 0.95 };
const unsure = { probabilityEnough: 0.6 };

test.each<[string, SafeMaxTps | undefined, typeof sure | 'refused' | undefined, string, string]>([
  ['the lower end of the answer holds the upper end of the peak', predicted(5000), undefined, 'go', 'safe-above-peak'],
  ['the ends overlap', predicted(4999), undefined, 'conditions', 'interval-overlaps'],
  ['the ends overlap, and a sure plan closes the gap', predicted(4999), sure, 'conditions', 'plan-closes-gap'],
  ['the ends overlap, and the plan is not sure', predicted(4999), unsure, 'conditions', 'interval-overlaps'],
  ['the answer lies below', predicted(3999), undefined, 'no-go', 'safe-below-peak'],
  ['the answer lies below, and a sure plan closes the gap', predicted(1000), sure, 'conditions', 'plan-closes-gap'],
  ['the answer lies below, and the plan is not sure', predicted(1000), unsure, 'no-go', 'plan-not-sure'],
  ['as much was carried as the peak may be', atLeast(5000), undefined, 'go', 'safe-above-peak'],
  ['less was tested than the peak may be', atLeast(4500), undefined, 'no-go', 'no-maximum-found'],
  ['one reading stands above, scaled to policy', observed, undefined, 'conditions', 'read-once'],
  ['nobody measured', undefined, sure, 'no-go', 'not-measured'],
  ['what was measured gives no answer', unknown, sure, 'no-go', 'not-measured'],
  ['no machine carries the demand', predicted(9000), 'refused', 'no-go', 'refused-by-plan'],
])('%s', (_, safeMaxTps, plan, decision, reason) => {
  expect(decide({ peakTps, safeMaxTps, plan })).toMatchObject({ decision, reason });
});

test('headroom is what is left of the safe maximum in the middle of the peak', () => {
  expect(decide({ peakTps, safeMaxTps: predicted(8000), plan: undefined }).headroom).toBe(0.5);
  expect(decide({ peakTps, safeMaxTps: predicted(2000), plan: undefined }).headroom).toBe(-1);
});

test('a peak nobody knows is no reason to go', () => {
  expect(decide({ peakTps: undefined, safeMaxTps: predicted(9000), plan: undefined })).toEqual({
    decision: 'no-go',
    reason: 'not-measured',
  });
});

test('a reading is held to what policy makes of it, not to itself', () => {
  const above = { low: 3000, mid: 5000, high: 6000 };
  expect(decide({ peakTps: above, safeMaxTps: observed, plan: undefined }).reason).toBe('no-maximum-found');
});
