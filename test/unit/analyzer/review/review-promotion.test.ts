import { expect, test } from 'vitest';
import { reviewPromotion } from '../../../../analyzer/review/review-promotion.ts';
import { scoreAlerts } from '../../../../analyzer/review/score-alerts.ts';
import { scoreDomain } from '../../../../analyzer/review/score-domain.ts';
import { PromotionReview } from '../../../../core/documents/promotion-review.ts';
import { happened, ordersLoad } from '../../../support/promotion-happened.ts';

const review = reviewPromotion(happened);
const orders = happened.report.verdicts.find(({ domain }) => domain === 'orders')!;
const trouble = { fromMs: ordersLoad[70]!.timeMs, toMs: ordersLoad[80]!.timeMs, what: 'slow' };
const safeMax = (load: number, troubles = [trouble]) =>
  scoreDomain(orders, {
    domain: 'orders',
    readings: ordersLoad.map(({ timeMs }) => ({ timeMs, value: load })),
    troubles,
  }).safeMax;

test('is what its schema says', () => expect(PromotionReview.parse(review)).toEqual(review));

test('a peak between the ends of the forecast held it', () => {
  const scored = review.domains.find(({ domain }) => domain === 'orders');
  expect(scored?.forecast).toMatchObject({ actualTps: 40_000, at: '2026-11-11T00:00:00.000Z', held: true });
  expect(scored?.forecast?.error).toBeCloseTo(40 / 42 - 1, 9);
});

test('a domain without readings has no scores, and is not counted', () => {
  const finance = review.domains.find(({ domain }) => domain === 'finance');
  expect(finance).toMatchObject({ readings: 0 });
  expect(finance).not.toHaveProperty('forecast');
  expect(review.held).toEqual({ graded: 2, held: 2 });
});

test('of a safe maximum of 25,000 to 27,000', () => {
  expect(safeMax(18_000)?.outcome).toBe('promised-too-much');
  expect(safeMax(26_000)?.outcome).toBe('held');
  expect(safeMax(29_000, [])?.outcome).toBe('promised-too-little');
  expect(safeMax(21_000, [])?.outcome).toBe('held');
  expect(safeMax(10_000, [])).toMatchObject({ outcome: 'not-tested', calmTps: 10_000 });
});

test('GO was wrong when something was; NO-GO was right then, or when the peak did not stay below', () => {
  const decided = (decision: 'go' | 'no-go', value: number, troubles = [trouble]) =>
    scoreDomain({ ...orders, decision }, { domain: 'orders', readings: [{ timeMs: 0, value }], troubles }).decisionHeld;
  expect(decided('go', 30_000)).toBe(false);
  expect(decided('go', 30_000, [])).toBe(true);
  expect(decided('no-go', 30_000)).toBe(true);
  expect(decided('no-go', 45_000, [])).toBe(false);
  expect(decided('no-go', 30_000, [])).toBe(true);
});

test('an hour above the safe maximum is one episode, its trouble within it, and the page came before', () => {
  expect(review.alerts).toMatchObject({ pages: 2, caught: 1, missed: 0, falsePages: ['BrokerDown'] });
  expect(review.alerts.episodes).toEqual([
    {
      domain: 'orders',
      from: '2026-11-11T00:00:00.000Z',
      to: '2026-11-11T00:59:00.000Z',
      what: 'above-safe-maximum',
      pagedBy: 'ClusterAboveSafeMax',
      leadSeconds: 600,
    },
  ]);
});

test('a warning is no page, and a page of another domain is none of this one', () => {
  const alerts = (over: object) => [
    { name: 'A', severity: 'critical' as const, fromMs: trouble.fromMs, toMs: trouble.toMs, ...over },
  ];
  const course = { domain: 'orders', readings: [], troubles: [trouble] };
  const missed = (over: object) => scoreAlerts([orders], [course], alerts(over)).missed;
  expect(missed({})).toBe(0);
  expect(missed({ severity: 'warning' })).toBe(1);
  expect(missed({ domain: 'finance' })).toBe(1);
});

test('a lever is scored by what was wrong and by the load around it', () => {
  expect(review.levers.map(({ lever, outcome }) => [lever, outcome])).toEqual([
    ['quota', 'gained'],
    ['retention', 'not-needed'],
    ['leader-move', 'unknown'],
  ]);
  expect(review.levers[0]).toMatchObject({ loadChangeTps: expect.closeTo(-10_000, 6) as number, predictedTps: 8000 });
});
