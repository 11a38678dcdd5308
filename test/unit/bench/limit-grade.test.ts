// Tests the grade of a reported limit by comparison with the measured one.

import { describe, expect, test } from 'vitest';
import { betweenRates } from '../../../bench/real-truth/limits/drive-limit.ts';
import { grade, gradeLossOf, measure } from '../../../bench/real-truth/limits/grade.ts';
import { lastRecords, type LimitRecord } from '../../../bench/real-truth/limits/limit-record.ts';
import { limitSetUps } from '../../../bench/real-truth/limits/limit-set-ups.ts';
import type { DrivenStep } from '../../../bench/real-truth/limits/read-step.ts';
import type { Reported } from '../../../bench/real-truth/limits/reported.ts';

const step = (targetTps: number, achievedTps: number, share: number): DrivenStep => ({
  run: 'past-1',
  targetTps,
  achievedTps,
  p99Seconds: 0.02,
  failedShare: 0,
  withinSlo: achievedTps >= 0.98 * targetTps,
  shares: [{ host: 'broker-1', resource: 'network-out', share }],
});

/** A quota of 4,000 msg/s on a card with a capacity of 5,600. */
const quotaSteps = [step(2000, 2000, 0.36), step(3000, 3000, 0.54), step(3800, 3800, 0.68), step(4400, 3950, 0.71)];
const quota = { cause: 'quota', named: /quota/ };

const predicted = (tps: number, estimateTps: number, limit: string): Reported => ({
  safe: { kind: 'predicted', tps, limit },
  saturation: { kind: 'predicted', estimateTps, low: 0.96 * estimateTps, high: 1.05 * estimateTps, limit },
  findings: [],
});

describe('a reported limit', () => {
  test('that names the card instead of the quota is wrong, outside its interval and unsafe', () => {
    const graded = grade(predicted(4190, 5537, 'network-out of 1'), measure(quotaSteps), quota);
    expect(graded).toMatchObject({ named: 'wrong', covers: false, isUnsafe: true });
    expect(graded.error).toBeCloseTo(5537 / 3950 - 1);
  });

  test('that names the quota and stays below it is right, useful and safe', () => {
    const graded = grade(predicted(3600, 3900, 'quota of default'), measure(quotaSteps), quota);
    expect(graded).toMatchObject({ named: 'right', covers: true, isUnsafe: false });
    expect(graded.useful).toBeCloseTo(3600 / 3800);
  });

  test('without an estimate has neither error nor interval', () => {
    const reported: Reported = {
      safe: { kind: 'at-least', tps: 3800, reason: 'limit-cause-unknown' },
      saturation: { kind: 'at-least', tps: 3800, reason: 'limit-cause-unknown' },
      findings: [],
    };
    const graded = grade(reported, measure(quotaSteps), quota);
    expect(graded).toEqual({ named: 'cause-unknown', useful: 1, isUnsafe: false });
  });
});

test('the highest rate within the policy is that at which the first card reaches 80%', () => {
  const { withinSloTps, withinPolicyTps } = measure([
    step(1000, 1000, 0.2),
    step(2000, 2000, 0.4),
    step(4800, 4800, 0.96),
  ]);
  expect(withinSloTps).toBe(4800);
  expect(withinPolicyTps).toBeCloseTo(4000);
});

test('the policy applies to the p99 of seconds, not to the mean of a step', () => {
  const uneven = [0.2, 0.4, 0.96].map((share) => {
    const driven = step(5000 * share, 5000 * share, share);
    const seconds = [share, share, 0.75 * share, 1.25 * share];
    return { ...driven, shares: driven.shares.map((each) => ({ ...each, seconds })) };
  });
  expect(measure(uneven).withinPolicyTps).toBeCloseTo(4000 / 1.25);
});

test('the CPU policy limit applies if the broker has dedicated cores', () => {
  const busy = [0.2, 0.4, 0.6].map((share) => {
    const driven = step(5000 * share, 5000 * share, share);
    return { ...driven, shares: [...driven.shares, { host: 'broker-1', resource: 'cpu', share: 1.5 * share }] };
  });
  expect(measure(busy).withinPolicyTps).toBeCloseTo(3000);
  expect(measure(busy, { hasOwnCore: true }).withinPolicyTps).toBeCloseTo((5000 * 0.7) / 1.5);
});

describe('the rates of the next steps', () => {
  test('are between the highest sustained rate and the lowest unsustained rate above it', () => {
    const [low = 0, high = 0] = betweenRates(quotaSteps);
    expect(3800 < low && low < high && high < 4400).toBe(true);
  });

  test('are higher if every rate was sustained, and lower if none was', () => {
    expect(Math.min(...betweenRates([step(1000, 1000, 0.2)]))).toBeGreaterThan(1000);
    expect(Math.max(...betweenRates([step(1000, 100, 0.2)]))).toBeLessThan(1000);
  });
});

test('a loss is graded only by the prediction for the lost broker', () => {
  const reported: Reported = { ...predicted(1, 1, ''), withoutOne: [{ id: '3', tps: 2000 }] };
  const after = [step(1000, 1000, 0.4), step(1500, 1500, 0.6), step(2000, 2000, 0.8)];
  const before = [step(1000, 1000, 0.2), step(3000, 3000, 0.6), step(4000, 4000, 0.8)];
  expect(gradeLossOf({ lost: '3', reported, before, after }).error).toBeCloseTo(0);
  expect(gradeLossOf({ lost: '2', reported, before, after })).not.toHaveProperty('error');
  const withEstimate = { ...reported, withoutOne: [{ id: '3', tps: 1800, estimateTps: 2100 }] };
  const grade3 = gradeLossOf({ lost: '3', reported: withEstimate, before, after });
  expect(grade3).toMatchObject({ predictedTps: 1800, error: expect.closeTo(0.05) as unknown });
  // 10% too low before and after: the change is right.
  const low = { ...withEstimate, safe: { kind: 'predicted', tps: 3500, estimateTps: 3600 } };
  const changed = { ...low, withoutOne: [{ id: '3', tps: 1700, estimateTps: 1800 }] };
  expect(gradeLossOf({ lost: '3', reported: changed, before, after }).changeError).toBeCloseTo(0);
});

test('with one step within the SLO, the policy limit is reached in proportion', () => {
  const { withinPolicyTps } = measure([step(1360, 1360, 0.96), step(1870, 1297, 1)]);
  expect(withinPolicyTps).toBeCloseTo((1360 * 0.8) / 0.96);
});

test('a failed attempt is kept and does not replace a result', () => {
  const common = { commit: 'abc', at: '2026-11-21T15:00:00.000Z' };
  const result: LimitRecord = {
    kind: 'limit',
    name: 'a',
    ...common,
    lower: predicted(1, 1, ''),
    past: predicted(1, 1, ''),
    steps: [],
  };
  const failed = (name: string): LimitRecord => ({ kind: 'failed', name, ...common, reason: 'run-failed' });
  const last = lastRecords([result, failed('a'), failed('b')]);
  expect([...last.values()].map(({ kind }) => kind)).toEqual(['limit', 'failed']);
});

test.each(Object.entries(limitSetUps))('set-up %s has a limit that can be graded', (_, { truth, expectedTps }) => {
  const examples = [
    'network-in of 1',
    'network-in of 3',
    'network-out of broker-a:0',
    'quota of 1',
    'request-handlers of 1',
  ];
  const others = ['heap of 1', 'consumer-lag of slow', 'disk-io of 1', 'network-out of broker-b:0'];
  expect([...examples, ...others].some((limit) => truth.named.test(limit))).toBe(true);
  expect(expectedTps).toBeGreaterThan(0);
});
