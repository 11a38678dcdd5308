import { describe, expect, test } from 'vitest';
import { limitOutlook } from '../../../../analyzer/forecast/event/limit-outlook.ts';
import type { RecordedForecast } from '../../../../core/documents/history-entry.ts';
import { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import type { SafeMaxTps } from '../../../../core/documents/analysis.ts';
import { html } from '../../../../core/text/html.ts';
import { toLimitText } from '../../../../dashboards/web/status-text.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { clusterStatusOf, type StatusInputs } from '../../../../service/status/cluster-status-of.ts';
import { headroomPriceOf } from '../../../../service/status/headroom-price.ts';
import { verdictInForce, type KnownVerdict } from '../../../../service/status/verdict-in-force.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { evenBrokers, forecastWithin } from '../../../support/known-evidence.ts';
import { servedCluster } from '../../../support/served-api.ts';

const textOf = (status: ClusterStatus, accepted: string) =>
  html`${toLimitText(status, createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted }))}`.text.replaceAll(
    /<[^>]*>/g,
    '',
  );

const now = new Date('2026-11-21T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const thresholds = { near: 0.8, verdictLasts: 30 * 86_400, readingLasts: 300 };

const predicted = (tps: number): SafeMaxTps => ({
  kind: 'predicted',
  tps,
  estimateTps: tps * 1.1,
  interval: { low: tps, high: tps * 1.2, confidence: 0.95 },
  limitedBy: { resource: 'network-out', node: '2' },
});
const verdict = (over: Partial<KnownVerdict> = {}): KnownVerdict => ({
  entry: 7,
  kind: 'test',
  measuredAtMs: minutesAgo(60).getTime(),
  safeMaxTps: predicted(1000),
  ...over,
});
const inputs = (over: {
  verdicts?: readonly KnownVerdict[];
  produceTps?: number;
  readAt?: Date;
  settings?: Record<string, string>;
  forecast?: RecordedForecast;
}): StatusInputs => ({
  about: { cluster: 'orders', broker: 'kafka', domains: ['shop'] },
  known: {
    verdicts: over.verdicts ?? [verdict()],
    trust: { graded: 0, held: 0 },
    ...(over.forecast && { forecast: { entry: 9, madeAtMs: minutesAgo(5).getTime(), forecast: over.forecast } }),
  },
  live: {
    settings: over.settings ?? {},
    ...(over.produceTps !== undefined && {
      traffic: { produceTps: over.produceTps, at: over.readAt ?? minutesAgo(0.2), source: 'exporter' },
    }),
  },
  thresholds,
  now,
});
const stand = (over: Parameters<typeof inputs>[0]) => clusterStatusOf(inputs(over));

describe('the state of a cluster', () => {
  test.for([
    ['ok', 790],
    ['near', 810],
    ['near', 1000],
    ['over', 1001],
  ] as const)('is %s at %i of 1000 messages a second', ([state, produceTps]) => {
    expect(stand({ produceTps })).toMatchObject({ state, loadState: state, headroom: 1 - produceTps / 1000 });
  });

  test('is unknown without a verdict or a reading, and has no headroom then', () => {
    expect(stand({ verdicts: [], produceTps: 5 })).toEqual({
      cluster: 'orders',
      broker: 'kafka',
      domains: ['shop'],
      state: 'unknown',
      now: { produceTps: 5, at: minutesAgo(0.2).toISOString(), source: 'exporter' },
    });
    expect(stand({})).not.toHaveProperty('headroom');
    expect(stand({}).state).toBe('unknown');
    expect(stand({ verdicts: [verdict({ safeMaxTps: { kind: 'unknown', missing: [] } })], produceTps: 5 }).state).toBe(
      'unknown',
    );
  });

  test('is never over the limit if the safe maximum is only a lower bound', () => {
    const atLeast = verdict({ safeMaxTps: { kind: 'at-least', tps: 1000, reason: 'no-limit-reached' } });
    expect(stand({ verdicts: [atLeast], produceTps: 999 }).state).toBe('ok');
    expect(stand({ verdicts: [atLeast], produceTps: 5000 }).state).toBe('near');
  });

  test('treats a rate above which throughput stopped growing as a maximum', () => {
    const ceiling = { tps: 1200, suspects: [], decidedBy: 'host metrics of broker 1' };
    const found = verdict({ safeMaxTps: { kind: 'at-least', tps: 1000, reason: 'limit-cause-unknown', ceiling } });
    const states = [790, 810, 1001].map((produceTps) => stand({ verdicts: [found], produceTps }).state);
    expect(states).toEqual(['ok', 'near', 'over']);
  });

  test('is down or degraded before any other state, and names the missing parts', () => {
    const missing = [{ part: 'broker' as const, id: '2', lastSeenAt: minutesAgo(1).toISOString() }];
    const of = (live: Partial<StatusInputs['live']>) => {
      const base = inputs({ produceTps: 2000 });
      return clusterStatusOf({ ...base, live: { ...base.live, ...live } });
    };
    expect(of({}).state).toBe('over');
    expect(of({ missing, brokers: { answering: 1, expected: 2 } })).toMatchObject({
      state: 'degraded',
      loadState: 'over',
      brokers: 1,
      brokersExpected: 2,
      missing,
    });
    expect(of({ missing, isDown: true }).state).toBe('down');
  });

  test('keeps rate and headroom, marked as old, after one failed reading', () => {
    const base = inputs({ produceTps: 500 });
    const traffic = { produceTps: 500, at: minutesAgo(0.5), source: 'exporter', isOld: true as const };
    expect(clusterStatusOf({ ...base, live: { settings: {}, traffic } })).toMatchObject({
      now: { produceTps: 500, isOld: true },
      headroom: 0.5,
    });
    const gone = clusterStatusOf({ ...base, live: { settings: {}, rateAt: minutesAgo(0.5) } });
    expect(gone).toMatchObject({ noDataSince: minutesAgo(0.5).toISOString() });
    expect(gone).not.toHaveProperty('headroom');
    expect(gone).not.toHaveProperty('now');
  });

  test('is stale after the verdict expired or a setting drifted, unless the load is above the limit', () => {
    const old = verdict({ measuredAtMs: now.getTime() - 31 * 86_400_000 });
    expect(stand({ verdicts: [old], produceTps: 10 })).toMatchObject({ state: 'stale', loadState: 'ok' });
    expect(stand({ verdicts: [old], produceTps: 1100 }).state).toBe('over');
    const printed = verdict({ fingerprint: { 'broker.version': '4.3.1', 'client.acks': 'all' } });
    const drifted = stand({
      verdicts: [printed],
      produceTps: 10,
      settings: { 'broker.version': '4.4.0', kernel: '6' },
    });
    expect(drifted.state).toBe('stale');
    expect(drifted.verdict?.drifted).toEqual([{ setting: 'broker.version', before: '4.3.1', now: '4.4.0' }]);
    expect(stand({ verdicts: [printed], produceTps: 10, settings: { 'broker.version': '4.3.1' } }).state).toBe('ok');
  });
});

test('shows removable brokers only with a verdict that has neither expired nor drifted', () => {
  const six = evenBrokers(6);
  const forecast = forecastWithin(six, 1.8);
  const clock = { now: () => new Date(forecast.points[0]?.at ?? '') };
  const config = ServiceConfig.parse({ prices: { brokers: { orders: 800 } } });
  const parts = { clock, config, statuses: { promotions: () => [] }, policy: examplePolicy() };
  const headroomBy = (over: Partial<KnownVerdict>, brokers: number) => {
    const status = stand({
      verdicts: [verdict({ fingerprint: { 'broker.count': '6' }, ...over })],
      settings: { 'broker.count': String(brokers) },
    });
    return headroomPriceOf(servedCluster('orders'), { status, analysis: six, forecast }, parts);
  };
  expect(headroomBy({}, 6)).toMatchObject({ price: { perMonth: 4800 }, removable: { kind: 'known', brokers: 2 } });
  const measuredAtMs = now.getTime() - 31 * 86_400_000;
  // Two brokers were removed; the verdict has expired.
  for (const { price, removable } of [headroomBy({}, 4), headroomBy({ measuredAtMs }, 6)]) {
    expect(removable).toEqual({ kind: 'unknown', missing: ['verdict', 'copies'] });
    expect(price).toEqual({ perBroker: 800 });
  }
});

test('has no current rate from an old reading, but the time since when data is missing', () => {
  const status = stand({ produceTps: 500, readAt: minutesAgo(6) });
  expect(status).toMatchObject({ state: 'unknown', noDataSince: minutesAgo(6).toISOString() });
  expect(status).not.toHaveProperty('now');
  expect(status).not.toHaveProperty('headroom');
});

test('shows the loss of the broker with the lowest N-1 maximum', () => {
  const limitedBy = { resource: 'cpu', node: '1' } as const;
  const withoutOne = [
    { lost: 'broker', id: '1', tps: 800, limitedBy },
    { lost: 'broker', id: '2', tps: 500, limitedBy },
    { lost: 'zone', id: 'a', tps: 100, limitedBy },
  ] as const;
  expect(stand({ verdicts: [verdict({ withoutOne: [...withoutOne] })], produceTps: 600 }).withoutOne).toEqual({
    lost: 'broker',
    id: '2',
    tps: 500,
    headroom: 1 - 600 / 500,
  });
});

test('shows no N-1 maximum if one loss has no safe maximum', () => {
  const limitedBy = { resource: 'cpu', node: '1' } as const;
  const unknown = { id: '3', missing: [{ what: 'host metrics', node: '3' }] };
  const withoutOne = [{ lost: 'broker' as const, id: '1', tps: 800, limitedBy }];
  const statusWith = (lost: 'broker' | 'zone') =>
    stand({ verdicts: [verdict({ withoutOne, withoutOneUnknown: [{ lost, ...unknown }] })] });
  expect(statusWith('broker')).not.toHaveProperty('withoutOne');
  expect(statusWith('zone').withoutOne).toMatchObject({ id: '1', tps: 800 });
});

describe('a forecast', () => {
  const hour = (n: number) => new Date(Date.parse('2026-11-21T12:00:00Z') + n * 3_600_000).toISOString();
  const forecast = (over: Partial<RecordedForecast> = {}): RecordedForecast => ({
    horizonEndsAt: hour(4),
    peak: { tps: 1200, low: 1100, high: 1300, at: hour(2), confidence: 0.8 },
    points: [-2, -1, 0, 1, 2, 3].map((n) => ({ at: hour(n), tps: n === -2 ? 5000 : 900 + 150 * n })),
    chosen: 'seasonal',
    ...over,
  });

  test('reaches the limit before the first hour above it, ignoring the past', () => {
    expect(stand({ forecast: forecast() }).forecast).toEqual({
      entry: 9,
      peak: { tps: 1200, low: 1100, high: 1300, at: hour(2) },
      // From 900 to 1050 in an hour.
      secondsToLimit: 2400,
    });
  });

  const course = (...loads: [hours: number, tps: number][]) => loads.map(([n, tps]) => ({ at: hour(n), tps }));

  test('reaches the limit at its recorded peak, even if every hourly mean is below the limit', () => {
    const points = course([0, 600], [1, 700], [2, 980], [3, 700]);
    const evening = forecast({ points, peak: { tps: 1025, low: 950, high: 1100, at: hour(2), confidence: 0.8 } });
    expect(stand({ forecast: evening }).forecast?.secondsToLimit).toBe(7200);
  });

  test('reaches the limit between two hours, at the time that the event page shows', () => {
    const [before, after] = [minutesAgo(10), minutesAgo(-50)].map((each) => each.toISOString()) as [string, string];
    const points = [
      { at: before, tps: 800 },
      { at: after, tps: 1200 },
    ];
    const rising = forecast({ points, peak: { tps: 1200, at: after, confidence: 0.8 } });
    expect(stand({ forecast: rising }).forecast?.secondsToLimit).toBe(1200);
    const safeMaxTps = { kind: 'at-least', tps: 1000, reason: 'no-limit-reached' } as const;
    const outlook = limitOutlook({ nowMs: now.getTime(), safeMaxTps, forecast: rising });
    // The first whole minute above the limit.
    expect(outlook).toMatchObject({ minutes: { even: 21 } });
  });

  test('with a gap now does not count a limit reached before the gap', () => {
    const points = course([-4, 1100], [-3, 1100], [2, 900], [3, 1050]);
    const withGap = forecast({ points, peak: { tps: 1100, at: hour(-4), confidence: 0.8 } });
    expect(stand({ forecast: withGap }).forecast).toMatchObject({ peak: { tps: 1050 }, isIncomplete: true });
    expect(stand({ forecast: withGap }).forecast?.secondsToLimit).toBe(9600);
  });

  test('has no interval for a promotion that was measured only once', () => {
    const once = forecast({ peak: { tps: 1200, at: hour(2), confidence: 0.8 } });
    expect(stand({ forecast: once }).forecast?.peak).toEqual({ tps: 1200, at: hour(2) });
  });

  test('shows the highest future load after its peak has passed, and nothing after its horizon', () => {
    const past = { tps: 5000, low: 5000, high: 5000, at: hour(-2), confidence: 0.8 };
    expect(stand({ forecast: forecast({ peak: past }) }).forecast?.peak.tps).toBe(1350);
    expect(stand({ forecast: forecast({ horizonEndsAt: hour(-1) }) })).not.toHaveProperty('forecast');
  });

  test('below the limit has no time to the limit', () => {
    const low = forecast({ points: course([0, 10]), peak: { tps: 10, at: hour(0), confidence: 0.8 } });
    expect(stand({ forecast: low }).forecast).not.toHaveProperty('secondsToLimit');
  });

  test('with missing hours is incomplete, and the page does not claim that the limit is not reached', () => {
    const verdicts = [verdict({ safeMaxTps: predicted(2000) })];
    const { points } = forecast();
    const withGap = forecast({ points: points.filter(({ at }) => at !== hour(1) && at !== hour(2)) });
    const [whole, partly] = [forecast(), withGap].map((each) => stand({ verdicts, forecast: each }));
    if (whole === undefined || partly === undefined) throw new Error('no status');
    expect(whole.forecast).not.toHaveProperty('isIncomplete');
    expect(partly.forecast).toMatchObject({ isIncomplete: true });
    expect(ClusterStatus.parse(partly)).toEqual(partly);
    expect([textOf(whole, 'en'), textOf(partly, 'en'), textOf(partly, 'zh')]).toEqual([
      'not reached in the forecast period (if the load follows the forecast; sooner if it is higher)',
      'no forecast for part of the period',
      '预测期内部分时段无预测',
    ]);
  });

  test('of a cluster with an unknown safe maximum does not claim that the limit is not reached', () => {
    const unknown = verdict({ safeMaxTps: { kind: 'unknown', missing: [] } });
    for (const verdicts of [[], [unknown]]) {
      const status = stand({ verdicts, forecast: forecast() });
      expect([textOf(status, 'en'), textOf(status, 'zh')]).toEqual(['unknown', '未知']);
    }
  });

  test('above a lower bound has no time to the limit, and the page explains this', () => {
    const atLeast = (tps: number) => [verdict({ safeMaxTps: { kind: 'at-least', tps, reason: 'no-limit-reached' } })];
    const above = stand({ verdicts: atLeast(800), forecast: forecast() });
    const later = stand({ verdicts: atLeast(1000), forecast: forecast() });
    const beyond = stand({ verdicts: atLeast(2000), forecast: forecast() });
    expect(above.forecast).not.toHaveProperty('secondsToLimit');
    const known = stand({ verdicts: [verdict({ safeMaxTps: predicted(800) })], forecast: forecast() });
    expect(known.forecast?.secondsToLimit).toBe(0);
    const texts = (['en', 'zh'] as const).map((language) =>
      [above, later, beyond].map((status) => textOf(status, language)),
    );
    expect(texts).toMatchInlineSnapshot(`
      [
        [
          "unknown above the highest proven rate (if the load follows the forecast; sooner if it is higher)",
          "at least 40 min (if the load follows the forecast; sooner if it is higher)",
          "not reached in the forecast period (if the load follows the forecast; sooner if it is higher)",
        ],
        [
          "高于验证过的最高速率，时间未知（按原始预测计算；流量高于预测时可能提前）",
          "至少 40 分钟（按原始预测计算；流量高于预测时可能提前）",
          "预测期内不会达到（按原始预测计算；流量高于预测时可能提前）",
        ],
      ]
    `);
  });

  test('is not the time to a limit that the load has already exceeded', () => {
    const [known, open] = [predicted(1000), { kind: 'at-least', tps: 1000, reason: 'no-limit-reached' } as const].map(
      (safeMaxTps) =>
        [forecast(), undefined].map((each) => {
          const status = stand({
            verdicts: [verdict({ safeMaxTps })],
            produceTps: 1500,
            ...(each && { forecast: each }),
          });
          return [textOf(status, 'en'), textOf(status, 'zh')];
        }),
    );
    expect(known).toEqual([
      ['exceeded', '已超过'],
      ['exceeded', '已超过'],
    ]);
    const unknown = ['unknown above the highest proven rate', '高于验证过的最高速率，时间未知'];
    expect(open).toEqual([unknown, unknown]);
  });
});

describe('the verdict in effect', () => {
  const chosen = (...verdicts: KnownVerdict[]) =>
    verdictInForce(verdicts, { nowMs: now.getTime(), lastsSeconds: thresholds.verdictLasts })?.entry;
  const days = (n: number) => now.getTime() - n * 86_400_000;
  const atLeast = { kind: 'at-least', tps: 5, reason: 'no-limit-reached' } satisfies SafeMaxTps;

  test('is the newest maximum, not a later at-least result', () => {
    expect(
      chosen(
        verdict({ entry: 1, measuredAtMs: days(20) }),
        verdict({ entry: 2, measuredAtMs: days(10) }),
        verdict({ entry: 3, measuredAtMs: days(1), safeMaxTps: atLeast }),
        verdict({ entry: 4, measuredAtMs: days(0), safeMaxTps: { kind: 'unknown', missing: [] } }),
      ),
    ).toBe(2);
  });

  test('is a limit of unknown cause if it was found after the maximum', () => {
    const ceiling = { tps: 6, suspects: [], decidedBy: 'host metrics of broker 1' };
    const found: SafeMaxTps = { ...atLeast, reason: 'limit-cause-unknown', ceiling };
    const maximum = verdict({ entry: 1, measuredAtMs: days(10) });
    expect(chosen(maximum, verdict({ entry: 2, measuredAtMs: days(5), safeMaxTps: found }))).toBe(2);
    expect(chosen(maximum, verdict({ entry: 2, measuredAtMs: days(15), safeMaxTps: found }))).toBe(1);
  });

  test('is a valid weaker result rather than an expired stronger one', () => {
    const expired = verdict({ entry: 1, measuredAtMs: days(40) });
    expect(chosen(expired, verdict({ entry: 2, measuredAtMs: days(1), safeMaxTps: atLeast }))).toBe(2);
    expect(chosen(expired)).toBe(1);
  });
});

test('a rising rate has a time to the safe maximum unless it is more than three hours away', () => {
  const at = (tpsPerSecond: number) => {
    const { live, ...rest } = inputs({ produceTps: 400 });
    return clusterStatusOf({ ...rest, live: { ...live, trend: { tpsPerSecond, overSeconds: 1800 } } }).trend;
  };
  expect(at(0.5)).toEqual({ tpsPerSecond: 0.5, overSeconds: 1800, secondsToLimit: 1200 });
  expect(at(0.01)).toEqual({ tpsPerSecond: 0.01, overSeconds: 1800 });
  expect(at(-0.5)).toEqual({ tpsPerSecond: -0.5, overSeconds: 1800 });
  const atLeast: SafeMaxTps = { kind: 'at-least', tps: 300, reason: 'no-limit-reached' };
  const { live, ...rest } = inputs({ produceTps: 400, verdicts: [verdict({ safeMaxTps: atLeast })] });
  const above = clusterStatusOf({ ...rest, live: { ...live, trend: { tpsPerSecond: 0.5, overSeconds: 1800 } } });
  expect(above.trend).toEqual({ tpsPerSecond: 0.5, overSeconds: 1800 });
});

describe('a verdict that predicts losses', () => {
  const loss = {
    lost: 'broker',
    estimateTps: 660,
    interval: { low: 600, high: 720, confidence: 0.95 },
    limitedBy: { resource: 'network-out', node: '2' },
  } as const;
  const basis = { placement: 'recorded' as const, assumptions: [] };
  const withMissing = (...ids: string[]) => {
    const given = inputs({
      verdicts: [verdict({ withoutOne: [{ ...loss, id: '3', tps: 600, basis }] })],
      produceTps: 450,
    });
    const missing = ids.map((id) => ({ part: 'broker' as const, id }));
    return clusterStatusOf({
      ...given,
      live: { ...given.live, brokers: { answering: 3 - ids.length, expected: 3 }, missing },
    });
  };

  test('gives the safe maximum and the headroom of the brokers that answer', () => {
    expect(withMissing('3')).toMatchObject({ headroom: 0.55, answering: { tps: 600, headroom: 0.25 } });
  });

  test.each([[[]], [['2']], [['2', '3']]])('has none for other lost brokers: %j', (ids) => {
    expect(withMissing(...ids).answering).toBeUndefined();
  });
});
