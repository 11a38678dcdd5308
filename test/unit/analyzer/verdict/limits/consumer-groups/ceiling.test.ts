import { expect, test } from 'vitest';
import {
  groupCeilings,
  lossWithGroups,
  withGroups,
} from '../../../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import type { SafeMaxTps } from '../../../../../../core/documents/analysis.ts';

const ofBrokers: SafeMaxTps = {
  kind: 'predicted',
  tps: 9000,
  estimateTps: 10_000,
  interval: { low: 9000, high: 11_000, confidence: 0.95 },
  limitedBy: { resource: 'cpu', node: '1' },
};
const ceiling = { group: 'mail', value: 5000, low: 4500, high: 5500, share: 1 };

test('a group limit below the broker limit is the bottleneck', () => {
  expect(withGroups(ofBrokers, [ceiling], { confidence: 0.95 })).toMatchObject({
    tps: 4500,
    estimateTps: 5000,
    limitedBy: { slo: 'consumer-lag', group: 'mail' },
  });
});

test('a group limit above the broker limit is not the bottleneck', () => {
  expect(withGroups(ofBrokers, [{ ...ceiling, low: 9500, value: 9900 }], { confidence: 0.95 })).toBe(ofBrokers);
});

test('a group that an unmonitored resource may have slowed down is not named as the limit', () => {
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

test('a rate that the group achieved is its lower bound', () => {
  expect(withGroups(ofBrokers, [ceiling], { confidence: 0.95, achieved: 4900 })).toMatchObject({ tps: 4900 });
});

test('an uncertain group limit does not raise the estimate or the upper bound of other limits', () => {
  const capacity = (group: string, low: number, tps: number, high: number) => ({
    kind: 'measured' as const,
    group,
    tps,
    interval: { low, high, confidence: 0.95 },
    episodes: 3,
    share: 1,
  });
  const ceilings = groupCeilings([capacity('mail', 2400, 4700, 7500), capacity('audit', 2900, 3100, 3500)]);
  const limits = (safe: SafeMaxTps, of = ceilings) => withGroups(safe, of, { confidence: 0.95 });
  const brokers: SafeMaxTps = { ...ofBrokers, tps: 3000, estimateTps: 3300, interval: { low: 3000, confidence: 0.95 } };
  const [mail] = ceilings;
  expect(limits(brokers)).toMatchObject({ tps: 2400, estimateTps: 3100, interval: { low: 2400, high: 3500 } });
  expect(limits({ ...brokers, interval: { low: 3000, high: 3700, confidence: 0.95 } }, mail && [mail])).toMatchObject({
    tps: 2400,
    estimateTps: 3300,
    interval: { low: 2400, high: 3700 },
  });
  expect(limits({ kind: 'at-least', tps: 3000, reason: 'no-limit-reached' }, mail && [mail])).toMatchObject({
    estimateTps: 4700,
    interval: { low: 2400, high: 7500 },
  });
});

test('a group limits the safe rate after losing a broker, also while the broker returns', () => {
  const loss = {
    lost: 'broker' as const,
    id: '2',
    tps: 6000,
    limitedBy: { resource: 'cpu' as const, node: '1' },
    estimateTps: 6300,
    interval: { low: 6000, high: 6600, confidence: 0.95 },
    returning: { tps: 5200, limitedBy: { resource: 'cpu' as const, node: '1' }, catchUpShare: 1 / 3 },
  };
  const limitedBy = { slo: 'consumer-lag', group: 'mail' };
  expect(lossWithGroups(loss, [ceiling], { confidence: 0.95 })).toEqual({
    ...loss,
    tps: 4500,
    limitedBy,
    estimateTps: 5000,
    interval: { low: 4500, high: 5500, confidence: 0.95 },
    returning: {
      tps: 4500,
      limitedBy,
      estimateTps: 5000,
      interval: { low: 4500, high: 5500, confidence: 0.95 },
      catchUpShare: 1 / 3,
    },
  });
  const nothing = { ...loss, tps: 0, estimateTps: 0, interval: { low: 0, high: 0, confidence: 0.95 } };
  expect(lossWithGroups(nothing, [ceiling], { confidence: 0.95 })).toMatchObject({ tps: 0, estimateTps: 0 });
});

test('an unknown maximum stays unknown', () => {
  const unknown: SafeMaxTps = { kind: 'unknown', missing: [] };
  expect(withGroups(unknown, [ceiling], { confidence: 0.95 })).toBe(unknown);
});
