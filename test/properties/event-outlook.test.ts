import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitOutlook } from '../../analyzer/forecast/event/limit-outlook.ts';
import { prepareActions } from '../../analyzer/forecast/event/prepare-actions.ts';
import { trustOf } from '../../core/trust.ts';
import { measuredOrders } from '../support/capacity-report-inputs.ts';

const nowMs = Date.UTC(2026, 10, 10, 20);
const rate = fc.double({ min: 1, max: 1e6, noNaN: true });
const point = fc.record({
  tps: rate,
  down: fc.double({ min: 0.3, max: 1, noNaN: true }),
  up: fc.double({ min: 1, max: 3, noNaN: true }),
});

const outlookOf = (points: readonly { tps: number; down: number; up: number }[], nowTps: number, factor = 1) => {
  const answer = limitOutlook({
    nowMs,
    nowTps,
    safeMaxTps: measuredOrders.safeMaxTps,
    forecast: {
      points: points.map(({ tps, down, up }, hour) => ({
        at: new Date(nowMs + hour * 3_600_000).toISOString(),
        tps: tps * factor,
        low: tps * factor * down,
        high: tps * factor * up,
      })),
      peak: { tps: 1, low: 1, high: 1, at: new Date(nowMs).toISOString(), confidence: 0.8 },
    },
  });
  if (answer.kind === 'unknown') throw new Error(answer.missing);
  return answer;
};
const hours = fc.array(point, { minLength: 2, maxLength: 30 });

test('probabilities are between 0 and 1 and grow with time, and minutes are in order', () => {
  fc.assert(
    fc.property(hours, rate, (points, nowTps) => {
      const { chances, minutes } = outlookOf(points, nowTps);
      const shares = chances.map(({ probability }) => probability);
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      const told = [minutes.unlikely, minutes.even, minutes.likely].map((each) => each ?? Number.POSITIVE_INFINITY);
      expect(told).toEqual(told.toSorted((a, b) => a - b));
    }),
  );
});

test('more current load never postpones the time at which the limit is reached', () => {
  fc.assert(
    fc.property(hours, rate, fc.double({ min: 1, max: 4, noNaN: true }), (points, nowTps, factor) => {
      const even = (now: number) => outlookOf(points, now).minutes.even ?? Number.POSITIVE_INFINITY;
      expect(even(nowTps * factor)).toBeLessThanOrEqual(even(nowTps));
    }),
  );
});

test('gains of actions are never negative, and the low end never exceeds the high end', () => {
  const brokers = fc.array(rate, { minLength: 0, maxLength: 9 });
  fc.assert(
    fc.property(
      brokers,
      brokers,
      rate,
      fc.constantFrom('kafka' as const, 'rocketmq' as const),
      (onBrokers, onTopics, mid, broker) => {
        const named = (rates: readonly number[]) => new Map(rates.map((each, index) => [String(index), each]));
        const retention = {
          tps: 100,
          retentionSeconds: 3600,
          limitedBy: { resource: 'disk-space', node: '1' },
        } as const;
        const levers = prepareActions({
          cluster: 'c',
          broker,
          verdict: { ...measuredOrders, retention },
          peak: { mid, high: 1.3 * mid },
          topics: named(onTopics),
          brokers: named(onBrokers),
        });
        for (const lever of levers) {
          if (lever.kind !== 'ready') continue;
          expect(lever.gain.low).toBeGreaterThanOrEqual(0);
          expect(lever.gain.high).toBeGreaterThanOrEqual(lever.gain.low);
          for (const { toTps = 0 } of lever.targets) expect(toTps).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});

test('a correct prediction never lowers the trust, and a wrong one never raises it', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (held, broken) => {
      const low = (graded: number, kept: number) => trustOf({ graded, held: kept }).share?.low ?? 0;
      const now = low(held + broken, held);
      expect(low(held + broken + 1, held + 1)).toBeGreaterThanOrEqual(now - 1e-12);
      if (held + broken > 0) expect(low(held + broken + 1, held)).toBeLessThanOrEqual(now + 1e-12);
    }),
  );
});
