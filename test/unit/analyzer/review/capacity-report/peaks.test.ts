import { expect, test } from 'vitest';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import type { ForecastPeak, ReportInputs } from '../../../../../analyzer/review/capacity-report/report-inputs.ts';
import type { ReasonCode } from '../../../../../core/documents/reasons/go-reasons.ts';
import { CapacityReport } from '../../../../../core/documents/capacity-report.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { plans } from '../../../../support/capacity-report-inputs.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { about } from '../../../../support/sized.ts';

const forecastOver = (from: string, to: string, timezone = 'UTC') => {
  const { forecasts, ...rest } = goInputs({ orders: { tps: 900 } });
  return (promotion: ReportInputs['promotion']) =>
    makeReport({
      ...rest,
      promotion,
      forecasts: forecasts.map((each) => ({
        ...each,
        forecast: { peak: each.forecast.peak, span: { from, to, timezone }, ofPromotion: ['2026-01-11T00:00:00.000Z'] },
      })),
    }).verdicts.flatMap(({ reasons }) => reasons.map(({ code }) => code).filter(isOfPeak));
};
/** Without points the average load is unknown. */
const isOfPeak = (code: ReasonCode) => code !== 'disk-space-unknown';

test('a forecast has to cover the promotion to the end of its last day', () => {
  const ofUtc = forecastOver('2026-01-02T00:00:00.000Z', '2026-01-12T00:00:00.000Z');
  expect(ofUtc({ name: 'Sale', from: '2026-01-10', to: '2026-01-11' })).toEqual([]);
  expect(ofUtc({ name: 'Sale', from: '2026-01-11' })).toEqual([]);
  expect(ofUtc({ name: 'Sale', from: '2026-01-10', to: '2026-01-12' })).toEqual(['forecast-misses-promotion']);
  expect(ofUtc({ name: 'Sale', from: '2026-11-11' })).toEqual(['forecast-misses-promotion']);
  expect(ofUtc({ name: 'Sale', from: '2025-11-11' })).toEqual(['forecast-misses-promotion']);
  const ofShanghai = forecastOver('2026-01-02T00:00:00.000Z', '2026-01-12T00:00:00.000Z', 'Asia/Shanghai');
  expect(ofShanghai({ name: 'Sale', from: '2026-01-11' })).toEqual([]);
  const shortDay = forecastOver('2026-01-02T00:00:00.000Z', '2026-01-11T12:00:00.000Z', 'Asia/Shanghai');
  expect(shortDay({ name: 'Sale', from: '2026-01-11' })).toEqual(['forecast-misses-promotion']);
});

test('a higher peak of the plan counts if the report has no days and the forecast no promotion', () => {
  const [cluster] = plans.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const { forecasts, ...rest } = goInputs({ orders: { tps: 900 } });
  const [source] = rest.analyses.map((each) => each.source);
  const peakOf = (planTps: number, change: Partial<ForecastPeak>) => {
    const clusters = [{ ...cluster, promise: { ...cluster.promise, peakTps: about(planTps) } }];
    return makeReport({
      ...rest,
      plan: { plans: { ...plans, clusters, refused: [] }, source: source! },
      forecasts: forecasts.map((each) => ({ ...each, forecast: { ...each.forecast, ...change } })),
    }).verdicts[0]?.peakTps;
  };
  const expected = { low: 720, mid: 810, high: 900 };
  expect(peakOf(3000, {})).toEqual(expected);
  expect(peakOf(3000, { ofPromotion: [] })).toEqual(about(3000));
  expect(peakOf(300, { ofPromotion: [] })).toEqual(expected);
});

test('the peak is that of the promotion days, not of a higher promotion in the same forecast', () => {
  const { forecasts, ...rest } = goInputs({ orders: { tps: 3000 } });
  const zone = { timezone: 'Asia/Shanghai', stepMs: 3_600_000 };
  const span = { from: '2026-01-02T00:00:00.000Z', to: '2026-01-15T00:00:00.000Z', ...zone };
  const bands = [
    { time: '2026-01-03T12:00:00.000Z', value: 2700, low: 2400, high: 3000 },
    { time: '2026-01-10T15:00:00.000Z', value: 2000, low: 1900, high: 2100 },
    // Midnight in Shanghai.
    { time: '2026-01-10T16:00:00.000Z', value: 810, low: 720, high: 900 },
    { time: '2026-01-11T15:00:00.000Z', value: 700, low: 600, high: 800 },
  ];
  const made = (from: string, points: NonNullable<ForecastPeak['points']> = bands) =>
    CapacityReport.parse(
      makeReport({
        ...rest,
        promotion: { name: 'Sale', from },
        forecasts: forecasts.map((each) => ({
          ...each,
          forecast: { ...each.forecast, span, points, ofPromotion: points.map(({ time }) => time) },
        })),
      }),
    );
  const own = made('2026-01-11');
  expect(own.verdicts).toMatchObject([{ decision: 'go', peakTps: { low: 720, mid: 810, high: 900 } }]);
  expect(own.forecasts[0]?.peak).toEqual({
    value: 810,
    low: 720,
    high: 900,
    highestPointAt: '2026-01-10T16:00:00.000Z',
  });
  expect(made('2026-01-03').verdicts).toMatchObject([{ decision: 'no-go', peakTps: { high: 3000 } }]);
  // Its expected value is lower, but its upper bound is higher.
  const uncertain = [...bands, { time: '2026-01-11T03:00:00.000Z', value: 800, low: 600, high: 1200 }];
  expect(made('2026-01-11', uncertain).verdicts).toMatchObject([{ peakTps: { low: 720, mid: 810, high: 1200 } }]);
  // The peak of the forecast, 2,400 to 3,000, is above its highest point, and so is that of these days.
  const [first, ...others] = bands;
  const below = [{ ...first!, value: 2250, low: 2000, high: 2400 }, ...others];
  const near = (tps: number) => expect.closeTo(tps, 6) as number;
  expect(made('2026-01-11', below).verdicts).toMatchObject([
    { peakTps: { low: near(1.2 * 720), mid: near(1.2 * 810), high: near(1.25 * 900) } },
  ]);
  const withoutBand = ({ time, value }: (typeof bands)[number]) => ({ time, value });
  const once = bands.map((point) => (point.value === 810 ? withoutBand(point) : point));
  expect(made('2026-01-11', once).verdicts).toMatchObject([
    { decision: 'conditions', reasons: [{ code: 'peak-measured-once' }], peakTps: { low: 810, high: 810 } },
  ]);
  const unknown = made('2026-01-11', bands.map(withoutBand));
  expect(unknown.verdicts).toMatchObject([{ decision: 'no-go', reasons: [{ code: 'peak-unknown' }] }]);
  expect(unknown.forecasts).toEqual([{ domain: 'orders', source: 'forecast orders' }]);
  expect(renderMarkdown(writeReport(unknown, 'en'))).toMatch(/\| orders \| unknown \| unknown \| unknown \|/);
});

test('a forecast without values during the promotion misses it', () => {
  const { forecasts, ...rest } = goInputs({ orders: { tps: 900 } });
  const span = { from: '2026-01-02T00:00:00.000Z', to: '2026-01-15T00:00:00.000Z', timezone: 'Asia/Shanghai' };
  const withoutValue = ['2026-01-10T16:00:00.000Z', '2026-01-10T17:00:00.000Z'];
  const ofPromotion = [...withoutValue, '2026-01-12T06:00:00.000Z'];
  const codesOf = (promotion: ReportInputs['promotion']) =>
    makeReport({
      ...rest,
      promotion,
      forecasts: forecasts.map((each) => ({
        ...each,
        forecast: { peak: each.forecast.peak, span, withoutValue, ofPromotion },
      })),
    }).verdicts.flatMap(({ reasons }) => reasons.filter(({ code }) => isOfPeak(code)));
  const missed = [
    {
      code: 'forecast-misses-promotion',
      subjects: ['2026-01-02 08:00 Asia/Shanghai', '2026-01-11 00:00 Asia/Shanghai'],
    },
  ];
  expect(codesOf({ name: 'Sale', from: '2026-01-11' })).toEqual(missed);
  expect(codesOf({ name: 'Sale', from: '2026-01-10', to: '2026-01-12' })).toEqual(missed);
  expect(codesOf({ name: 'Sale' })).toEqual(missed);
  expect(codesOf({ name: 'Sale', from: '2026-01-12' })).toEqual([]);
});

test('a promotion without days is missed by a forecast that ended before the report', () => {
  expect(forecastOver('2025-12-01T00:00:00.000Z', '2025-12-15T00:00:00.000Z')({ name: 'Sale' })).toEqual([
    'forecast-misses-promotion',
  ]);
  expect(forecastOver('2026-01-02T10:00:00.000Z', '2026-01-15T00:00:00.000Z')({ name: 'Sale' })).toEqual([]);
});
