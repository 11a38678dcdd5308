import { expect, test } from 'vitest';
import { withGroups } from '../../../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import type { SafeMaxTps } from '../../../../../../core/documents/analysis.ts';

const ofBrokers: SafeMaxTps = {
  kind: 'predicted',
  tps: 9000,
  estimateTps: 10_000,
  interval: { low: 9000, high: 11_000, confidence: 0.95 },
  limitedBy: { resource: 'cpu', node: '1' },
};
const ceiling = { group: 'mail', value: 5000, low: 4500, high: 5500, share: 1 };

test('a group below the brokers binds', () => {
  expect(withGroups(ofBrokers, [ceiling], { confidence: 0.95 })).toMatchObject({
    tps: 4500,
    estimateTps: 5000,
    limitedBy: { slo: 'consumer-lag', group: 'mail' },
  });
});

test('a group above them does not', () => {
  expect(withGroups(ofBrokers, [{ ...ceiling, low: 9500, value: 9900 }], { confidence: 0.95 })).toBe(ofBrokers);
});

test('a group that something unmonitored may have kept from reading faster is no named limit', () => {
  const suspects = [{ resource: 'cpu' as const, node: 'proxy' }];
  const suspectsAt = (tps: number) => ({ tps, suspects, decidedBy: 'read its host' });
  expect(withGroups(ofBrokers, [ceiling], { confidence: 0.95, suspectsAt })).toEqual({
    kind: 'at-least',
    tps: 4500,
    reason: 'limit-cause-unknown',
    ceiling: { tps: 5000, suspects, decidedBy: 'read its host' },
  });
  const high = { ...ceiling, low: 9500, value: 9900 };
  expect(withGroups(ofBrokers, [high], { confidence: 0.95, suspectsAt })).toBe(ofBrokers);
});

test('a rate that the group achieved stays its lower bound', () => {
  expect(withGroups(ofBrokers, [ceiling], { confidence: 0.95, achieved: 4900 })).toMatchObject({ tps: 4900 });
});

test('an unknown maximum stays unknown', () => {
  const unknown: SafeMaxTps = { kind: 'unknown', missing: [] };
  expect(withGroups(unknown, [ceiling], { confidence: 0.95 })).toBe(unknown);
});
