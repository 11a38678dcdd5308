import { expect, test } from 'vitest';
import { reviewPromotion, type ReviewInputs } from '../../../../analyzer/review/review-promotion.ts';
import { scoreDomain } from '../../../../analyzer/review/score-domain.ts';
import { scoreAlerts } from '../../../../analyzer/review/score-alerts.ts';
import { PromotionReview } from '../../../../core/documents/promotion-review.ts';
import { renderMarkdown } from '../../../../dashboards/reports/capacity/render-markdown.ts';
import { writeReview } from '../../../../dashboards/reports/capacity/review/write-review.ts';
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

test('a review matches its schema', () => expect(PromotionReview.parse(review)).toEqual(review));

test('a peak within the forecast interval makes the forecast correct', () => {
  const scored = review.domains.find(({ domain }) => domain === 'orders');
  expect(scored?.forecast).toMatchObject({ actualTps: 40_000, at: '2026-11-11T00:00:00.000Z', held: true });
  expect(scored?.forecast?.error).toBeCloseTo(40 / 42 - 1, 9);
});

test('a domain without readings has no scores and is not counted', () => {
  const finance = review.domains.find(({ domain }) => domain === 'finance');
  expect(finance).toMatchObject({ readings: 0 });
  expect(finance).not.toHaveProperty('forecast');
  expect(review.held).toEqual({ graded: 2, held: 2 });
});

test('a safe maximum is graded by the load at an incident, or by the highest load without one', () => {
  expect(safeMax(18_000)?.outcome).toBe('promised-too-much');
  expect(safeMax(26_000)?.outcome).toBe('held');
  expect(safeMax(29_000, [])?.outcome).toBe('promised-too-little');
  expect(safeMax(21_000, [])?.outcome).toBe('held');
  expect(safeMax(10_000, [])).toMatchObject({ outcome: 'not-tested', calmTps: 10_000 });
});

test('of two incidents the one at the lower rate counts, unless it continues the other', () => {
  const minute = (of: number) => of * 60_000;
  const after = (gap: number) => {
    const first = { fromMs: 0, toMs: minute(10), what: 'slow' };
    const second = { fromMs: minute(10 + gap), toMs: minute(20 + gap), what: 'slow' };
    const readings = [
      { timeMs: minute(5), value: 30_000 },
      // Without trouble, but too close to it to count as normal.
      { timeMs: minute(10 + gap / 2), value: 40_000 },
      { timeMs: minute(15 + gap), value: 18_000 },
    ];
    return scoreDomain(orders, { domain: 'orders', readings, troubles: [first, second] }).safeMax;
  };
  expect(after(60)).toMatchObject({ outcome: 'promised-too-much', strainedTps: 18_000 });
  expect(after(20)).toMatchObject({ outcome: 'held', strainedTps: 30_000 });
});

test('an incident refutes GO and confirms NO-GO; without one, NO-GO is wrong if the peak came, or else not graded', () => {
  const decided = (decision: 'go' | 'no-go', value: number, troubles = [trouble]) =>
    scoreDomain(
      { ...orders, decision, reasons: [{ code: 'safe-below-peak' }] },
      { domain: 'orders', readings: [{ timeMs: 0, value }], troubles },
    ).decisionHeld;
  expect(decided('go', 30_000)).toBe(false);
  expect(decided('go', 30_000, [])).toBe(true);
  expect(decided('no-go', 30_000)).toBe(true);
  expect(decided('no-go', 45_000, [])).toBe(false);
  expect(decided('no-go', 30_000, [])).toBeUndefined();
});

test('an hour above the safe maximum and its incident are one episode, which a page preceded', () => {
  expect(review.alerts).toMatchObject({ pages: 2, caught: 1, missed: 0, falsePages: ['BrokerDown'] });
  expect(review.alerts?.episodes).toEqual([
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

const minutes = (count: number) => count * 60_000;
/** @param load rates by time in minutes */
const aboveSafeMax = (load: Readonly<Record<number, number>>, verdict = orders) => {
  const readings = Object.entries(load).map(([at, value]) => ({ timeMs: minutes(Number(at)), value }));
  return scoreAlerts([verdict], [{ domain: 'orders', readings, troubles: [] }], []);
};
const spansOf = (load: Readonly<Record<number, number>>) =>
  aboveSafeMax(load).episodes.map(({ from, to }) => [Date.parse(from) / minutes(1), Date.parse(to) / minutes(1)]);

test('an overload of several hours in an hourly history is one episode, unless an hour below the limit is between', () => {
  expect(spansOf({ 0: 20_000, 60: 30_000, 120: 31_000, 181: 30_000, 240: 20_000 })).toEqual([[60, 181]]);
  expect(spansOf({ 0: 30_000, 60: 20_000, 120: 30_000 })).toEqual([
    [0, 0],
    [120, 120],
  ]);
  // Some hours without a reading.
  expect(spansOf({ 0: 20_000, 60: 20_000, 120: 30_000, 360: 30_000, 420: 20_000 })).toEqual([
    [120, 120],
    [360, 360],
  ]);
});

test('a dip of less than 15 minutes does not split an episode, even with a reading in it', () => {
  expect(spansOf({ 0: 30_000, 5: 20_000, 10: 30_000, 15: 20_000, 20: 20_000, 25: 20_000, 30: 30_000 })).toEqual([
    [0, 10],
    [30, 30],
  ]);
});

test('a load above an at-least rate is not evaluated, unless throughput stopped growing there', () => {
  const reached = { kind: 'at-least', tps: 25_000, reason: 'no-limit-reached' } as const;
  const load = { 0: 30_000, 1: 30_000 };
  expect(aboveSafeMax(load, { ...orders, safeMaxTps: reached })).toMatchObject({
    episodes: [],
    missed: 0,
    withoutLimit: ['orders'],
  });
  const ceiling = { tps: 27_000, suspects: [], decidedBy: 'host metrics' };
  const stopped = { ...reached, reason: 'limit-cause-unknown', ceiling } as const;
  expect(aboveSafeMax(load, { ...orders, safeMaxTps: stopped })).toMatchObject({ missed: 1 });
  expect(aboveSafeMax(load)).not.toHaveProperty('withoutLimit');
});

test('a load above a proven rate is not evaluated if the maximum is unknown', () => {
  const unknown = { ...orders, safeMaxTps: { kind: 'unknown' as const, missing: [] }, safeTps: 25_000 };
  const scored = { episodes: [], missed: 0, withoutLimit: ['orders'] };
  expect(aboveSafeMax({ 0: 30_000, 1: 30_000 }, unknown)).toMatchObject(scored);
});

test('a load above a known maximum is an episode even if the peak is unknown', () => {
  const { safeTps: _, headroom: __, peakTps: ___, ...withoutPeak } = orders;
  expect(aboveSafeMax({ 0: 20_000, 1: 30_000 }, withoutPeak)).toMatchObject({ missed: 1 });
  expect(aboveSafeMax({ 0: 20_000, 1: 30_000 }, withoutPeak)).not.toHaveProperty('withoutLimit');
});

test('a forecast without an interval has an error, and is neither correct nor wrong', () => {
  const verdicts = happened.report.verdicts.map((verdict) => {
    const { domain, peakTps } = verdict;
    return domain === 'orders' && peakTps
      ? { ...verdict, peakTps: { low: 39_000, mid: 39_000, high: 39_000 } }
      : verdict;
  });
  const scored = reviewPromotion({ ...happened, report: { ...happened.report, verdicts } });
  expect(PromotionReview.parse(scored)).toEqual(scored);
  const forecast = scored.domains.find(({ domain }) => domain === 'orders')?.forecast;
  expect(forecast?.error).toBeCloseTo(40 / 39 - 1, 9);
  expect(forecast).not.toHaveProperty('held');
  expect(scored.held).toEqual({ graded: 1, held: 1 });
  expect(renderMarkdown(writeReview(scored, verdicts, 'en'))).toContain(
    '| orders | not evaluated: no interval | 39,000 | 40,000 |',
  );
});

test('events outside the promotion are not scored', () => {
  const june = { from: '2026-06-11T00:10:00Z', to: '2026-06-11T00:50:00Z' };
  const { troubles, alerts, levers } = happened.happenings!;
  const season = reviewPromotion({
    ...happened,
    happenings: {
      troubles: [{ domain: 'orders', ...june, what: 'consumers 9 minutes behind' }, ...troubles],
      alerts: [{ name: 'BrokerDown', severity: 'critical', ...june }, ...alerts],
      levers: [{ domain: 'orders', lever: 'quota', at: june.from, predictedTps: 8000 }, ...levers],
    },
  });
  expect(season).toEqual(review);
});

test('an incident that ended before the promotion does not make GO wrong', () => {
  const at = (minute: number) => new Date(happened.promotion.fromMs + minute * 60_000).toISOString();
  const decisionsWith = (from: number, to: number) => {
    const troubles = [{ domain: 'orders', from: at(from), to: at(to), what: 'slow' }];
    const verdicts = happened.report.verdicts.map((verdict) => ({ ...verdict, decision: 'go' as const }));
    const page = { name: 'Page', severity: 'critical', domain: 'orders', from: at(from), to: at(to) } as const;
    const { domains, alerts } = reviewPromotion({
      ...happened,
      report: { ...happened.report, verdicts },
      happenings: { troubles, alerts: [page], levers: [] },
    });
    return [domains.find(({ domain }) => domain === 'orders')?.decisionHeld, alerts?.pages, alerts?.falsePages.length];
  };
  expect([decisionsWith(-20, -10), decisionsWith(-20, 5)]).toEqual([
    [true, 0, 0],
    [false, 1, 0],
  ]);
});

test('a page half an hour before the promotion counts for an incident at its start', () => {
  const at = (minute: number) => new Date(happened.promotion.fromMs + minute * 60_000).toISOString();
  const { alerts } = reviewPromotion({
    ...happened,
    happenings: {
      troubles: [{ domain: 'orders', from: at(2), to: at(4), what: 'slow' }],
      alerts: [-25, -50].map((minute) => ({
        name: `Page${minute}`,
        severity: 'critical' as const,
        from: at(minute),
        to: at(minute + 1),
      })),
      levers: [],
    },
  });
  expect(alerts).toMatchObject({ pages: 1, falsePages: [] });
  expect(alerts?.episodes[0]).toMatchObject({ what: 'slow', pagedBy: 'Page-25' });
});

test('a page after an earlier incident counts for a load above the safe maximum at the start of the promotion', () => {
  const at = (minute: number) => new Date(happened.promotion.fromMs + minute * 60_000).toISOString();
  const { alerts } = reviewPromotion({
    ...happened,
    histories: [{ domain: 'orders', readings: [{ timeMs: happened.promotion.fromMs, value: 40_000 }] }],
    happenings: {
      troubles: [{ domain: 'orders', from: at(-40), to: at(-10), what: 'slow' }],
      alerts: [{ name: 'Page', severity: 'critical', domain: 'orders', from: at(-8), to: at(-5) }],
      levers: [],
    },
  });
  expect(alerts).toMatchObject({ pages: 1, caught: 1, missed: 0, falsePages: [] });
  expect(alerts?.episodes).toMatchObject([{ what: 'above-safe-maximum', pagedBy: 'Page', leadSeconds: 480 }]);
});

test('a page outside the promotion counts for an incident outside it only in the same domain', () => {
  const at = (minute: number) => new Date(happened.promotion.toMs + minute * 60_000).toISOString();
  const falsePages = (domain: string) =>
    reviewPromotion({
      ...happened,
      happenings: {
        troubles: [{ domain: 'orders', from: at(10), to: at(20), what: 'slow' }],
        alerts: [{ name: 'Page', severity: 'critical', domain, from: at(2), to: at(4) }],
        levers: [],
      },
    }).alerts?.falsePages;
  expect([falsePages('orders'), falsePages('finance')]).toEqual([[], ['Page']]);
});

test('a warning is not a page, and a page of another domain does not count', () => {
  const alerts = (over: object) => [
    { name: 'A', severity: 'critical' as const, fromMs: trouble.fromMs, toMs: trouble.toMs, ...over },
  ];
  const course = { domain: 'orders', readings: [], troubles: [trouble] };
  const missed = (over: object) => scoreAlerts([orders], [course], alerts(over)).missed;
  expect(missed({})).toBe(0);
  expect(missed({ severity: 'warning' })).toBe(1);
  expect(missed({ domain: 'finance' })).toBe(1);
  expect(missed({ domains: ['pay', 'orders'] })).toBe(0);
  expect(missed({ domains: ['pay', 'finance'] })).toBe(1);
});

test('an action is scored by the incident and by the change of load', () => {
  expect(review.levers.map(({ lever, outcome }) => [lever, outcome])).toEqual([
    ['quota', 'gained'],
    ['retention', 'not-needed'],
    ['leader-move', 'unknown'],
  ]);
  expect(review.levers[0]).toMatchObject({ loadChangeTps: expect.closeTo(-10_000, 6) as number, predictedTps: 8000 });
});

/** A report with two domains on one cluster, each with half of its load. */
const shared = (over: Partial<ReviewInputs> = {}) => {
  const peakTps = orders.peakTps!;
  const verdicts = ['orders', 'pay'].map((domain) => ({
    ...orders,
    domain,
    shared: { with: domain === 'orders' ? ['pay'] : ['orders'], peakTps },
  }));
  const readings = ordersLoad.map(({ timeMs, value }) => ({ timeMs, value: value / 2 }));
  const histories = verdicts.map(({ domain }) => ({ domain, readings }));
  return reviewPromotion({ ...happened, report: { ...happened.report, verdicts }, histories, ...over });
};

test('the safe maximum of a shared cluster is compared with the load of all its domains', () => {
  const whole = review.domains.find(({ domain }) => domain === 'orders')?.safeMax;
  expect(whole).toMatchObject({ outcome: 'held', strainedTps: 40_000 });
  expect(shared().domains.map(({ safeMax, forecast }) => [safeMax, forecast?.actualTps])).toEqual([
    [whole, 20_000],
    [whole, 20_000],
  ]);
  expect(shared().alerts?.episodes.map(({ domain, what }) => [domain, what])).toEqual([
    ['orders', 'above-safe-maximum'],
    ['pay', 'above-safe-maximum'],
  ]);
});

test('the safe maximum of a shared cluster is not scored if a domain has no history', () => {
  const { domains, alerts } = shared({ histories: happened.histories });
  expect(domains.map(({ safeMax }) => safeMax)).toEqual([undefined, undefined]);
  expect(alerts?.episodes.map(({ what }) => what)).toEqual(['consumers 4 minutes behind']);
});

test('histories of the whole cluster are not added up', () => {
  const histories = ['orders', 'pay'].map((domain) => ({ domain, readings: ordersLoad, isOfCluster: true }));
  expect(shared({ histories }).domains[0]?.safeMax?.strainedTps).toBe(40_000);
});
