import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forecastOf } from '../../../../analyzer/forecast/forecast.ts';
import { historyOf, type Statistic } from '../../../../analyzer/forecast/history.ts';
import { timeZone } from '../../../../analyzer/forecast/local-time.ts';
import type { Promotion } from '../../../../analyzer/forecast/promotions.ts';
import { makeReport } from '../../../../analyzer/review/capacity-report/make-report.ts';
import type { ReportInputs } from '../../../../analyzer/review/capacity-report/report-inputs.ts';
import { loadDocument } from '../../../../app/planning/forecast-document.ts';
import { readInputs } from '../../../../app/report/read-inputs.ts';
import { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { momentOf } from '../../../../core/local-moment.ts';
import { seconds } from '../../../../core/clock.ts';
import { renderMarkdown } from '../../../../dashboards/reports/capacity/render-markdown.ts';
import { writeReport } from '../../../../dashboards/reports/capacity/write-parts.ts';
import { plans } from '../../../support/capacity-report-inputs.ts';
import { goCase, proven } from '../../../support/go-case.ts';

const day = 86_400_000;
const endMs = Date.parse(goCase.asOf);
const dateOf = (days: number) => new Date(endMs + days * day).toISOString().slice(0, 10);
const saleOn = (days: number): Promotion => ({
  name: 'sale',
  on: dateOf(days),
  days: 1,
  lead: seconds(0),
  tail: seconds(0),
});

/** The `plimsoll forecast --json` of 10 weeks around 500 msg/s, in which sales had 1.5 times as much. */
function forecastDocument(
  { sales, calendar }: { sales: readonly number[]; calendar: readonly Promotion[] },
  statistic: Statistic = 'max',
) {
  const readings = Array.from({ length: 70 }, (_, index) => {
    const days = index - 70;
    const usual = (index % 7 > 4 ? 350 : 500) + 7 * (index % 4);
    return { timeMs: endMs + days * day, value: sales.includes(days) ? 1.5 * usual : usual };
  });
  const reading = historyOf(readings, { statistic, zone: timeZone('UTC') });
  if (reading.kind === 'refused') throw new Error(reading.reason);
  const forecast = forecastOf(reading.history, { horizon: 7, promotions: calendar });
  if (forecast.kind === 'refused') throw new Error(forecast.reason);
  return loadDocument(forecast, reading.history);
}

async function forecastsIn(document: object): Promise<ReportInputs['forecasts']> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-inputs-'));
  const path = join(folder.path, 'ahead.json');
  await writeFile(path, JSON.stringify(document));
  const files = { plan: undefined, analyses: [], settings: [], blastRadius: undefined, previous: undefined };
  const { forecasts } = await readInputs(
    { ...files, forecasts: [`orders=${path}`], review: undefined },
    { signal: new AbortController().signal },
  );
  return forecasts;
}

/** A report on a cluster that sustained 1,400 msg/s. */
async function reportOn(document: object, over: Partial<ReportInputs> = {}): Promise<CapacityReport> {
  const forecasts = await forecastsIn(document);
  const source = { id: 'orders', kind: 'analysis' as const, name: 'verdict.json', domain: 'orders', sha256: '' };
  return makeReport({
    promotion: { name: 'Sale', from: dateOf(2), to: dateOf(2) },
    asOf: goCase.asOf,
    expires: '2026-04-01',
    confirmationSeconds: goCase.confirmationSeconds,
    achievedShare: goCase.achievedShare,
    messageSizeShare: goCase.messageSizeShare,
    lifetimeSeconds: goCase.lifetimeSeconds,
    messageBytes: { orders: 1000 },
    analyses: [{ domain: 'orders', analysis: proven.analysis, source }],
    settings: goCase.settings.map((known) => ({ domain: 'orders', known, source })),
    forecasts,
    ...over,
  });
}
const codesOf = ({ verdicts }: CapacityReport) => verdicts.flatMap(({ reasons }) => reasons.map(({ code }) => code));
const known = { sales: [-30, -19], calendar: [-30, -19, 2].map(saleOn) };

test('a forecast with the promotion allows GO', async () => {
  expect(codesOf(await reportOn(forecastDocument(known)))).toEqual(['proven']);
});

test.each([
  ['2026-10-25', '2026-10-25T23:00:00.000Z'],
  ['2027-03-28', '2027-03-28T22:00:00.000Z'],
])('a daily forecast to %s, when clocks in Berlin change, ends at midnight there', async (last, to) => {
  const midnight = (days: number) => momentOf(Date.parse(last) + days * day, 'Europe/Berlin');
  const readings = Array.from({ length: 70 }, (_, index) => ({
    timeMs: midnight(index - 76),
    value: (index % 7 > 4 ? 350 : 500) + 7 * (index % 4),
  }));
  const reading = historyOf(readings, { statistic: 'max', zone: timeZone('Europe/Berlin') });
  if (reading.kind === 'refused') throw new Error(reading.reason);
  const ahead = forecastOf(reading.history, { horizon: 7 });
  if (ahead.kind === 'refused') throw new Error(ahead.reason);
  const document = loadDocument(ahead, reading.history);
  expect(document.points.at(-1)?.time).toBe(new Date(midnight(0)).toISOString());
  const [read] = await forecastsIn(document);
  expect(read?.forecast.span?.to).toBe(to);
});

test('rejects a forecast of means, and reads an older one that does not name its statistic', async () => {
  await expect(reportOn(forecastDocument(known, 'mean'))).rejects.toThrow('it forecasts means');
  const { history, ...older } = forecastDocument(known);
  const { statistic, spacingSeconds, ...rest } = history;
  expect([statistic, spacingSeconds]).toEqual(['max', 86_400]);
  expect(codesOf(await reportOn({ ...older, history: rest }))).toEqual(['proven']);
});

test('a forecast of readings longer than the confirmation time is a risk, not a NO-GO', async () => {
  const report = CapacityReport.parse(await reportOn(forecastDocument(known)));
  expect(codesOf(report)).toEqual(['proven']);
  expect(report.forecasts[0]?.longReadingSeconds).toBe(86_400);
  const risksOf = (language: 'en' | 'zh') => renderMarkdown(writeReport(report, language));
  expect(risksOf('en')).toContain('Forecast of orders: its history has one reading every 1 day');
  expect(risksOf('zh')).toContain('orders 的预测：历史数据每 1 天一个读数');
  const { history, ...older } = forecastDocument(known);
  const often = { ...older, history: { ...history, spacingSeconds: goCase.confirmationSeconds } };
  for (const document of [older, often]) {
    expect((await reportOn(document)).forecasts[0]).not.toHaveProperty('longReadingSeconds');
  }
});

test('a forecast without the promotion does not count, unless the report has no days', async () => {
  const usual = forecastDocument({ ...known, calendar: known.calendar.slice(0, 2) });
  const report = await reportOn(usual);
  expect(report.verdicts).toMatchObject([
    { decision: 'no-go', reasons: [{ code: 'forecast-without-promotion', subjects: [dateOf(2)] }] },
  ]);
  const other = { promotion: { name: 'Sale', from: dateOf(3), to: dateOf(4) } };
  expect(codesOf(await reportOn(forecastDocument(known), other))).toEqual(['forecast-without-promotion']);
  expect(codesOf(await reportOn(usual, { promotion: { name: 'Sale' } }))).toEqual(['proven']);
});

test('with two promotions in a forecast, the peak is that of the days of the report, with a separate interval', async () => {
  // The first is on a weekday, the second on a weekend.
  const document = forecastDocument({ ...known, calendar: [...known.calendar, saleOn(5)] });
  const point = document.points.find(({ time }) => time.startsWith(dateOf(5)));
  const { peak } = document;
  expect(peak.highestPointAt).toBe(`${dateOf(2)}T00:00:00.000Z`);
  const top = document.points.find(({ time }) => time === peak.highestPointAt);
  const scaled = (end: 'value' | 'low' | 'high') => ((point?.[end] ?? NaN) * (peak[end] ?? NaN)) / (top?.[end] ?? NaN);
  const near = (tps: number) => expect.closeTo(tps, 6) as number;
  const value = near(scaled('value'));
  const low = near(Math.min(scaled('low'), scaled('value')));
  const high = near(Math.max(scaled('high'), scaled('value')));
  const promotion = { name: 'Sale', from: dateOf(5), to: dateOf(5) };
  const { verdicts, forecasts } = await reportOn(document, { promotion });
  expect(verdicts).toMatchObject([{ reasons: [{ code: 'proven' }], peakTps: { low, mid: value, high } }]);
  expect(forecasts[0]?.peak).toEqual({ value, low, high, highestPointAt: point?.time });
});

test('uses the higher peak of the plan if the forecast does not include the promotion', async () => {
  const source = { id: 'plan', kind: 'plan' as const, name: 'plan.json', sha256: '' };
  const plan = { plans: { ...plans, clusters: plans.clusters.slice(0, 1), refused: [] }, source };
  const peakOf = async (document: object) => (await reportOn(document, { plan })).verdicts[0]?.peakTps;
  expect(await peakOf(forecastDocument({ ...known, calendar: [] }))).toEqual(plans.clusters[0]?.promise.peakTps);
  expect((await peakOf(forecastDocument(known)))?.high).toBeLessThan(1400);
});

test('the peak of a promotion that was measured once has no upper bound, and GO gets a condition', async () => {
  const document = forecastDocument({ sales: [-30], calendar: [-30, 2].map(saleOn) });
  expect(document.peak).toEqual({ value: expect.any(Number), highestPointAt: `${dateOf(2)}T00:00:00.000Z` });
  const report = CapacityReport.parse(await reportOn(document));
  expect(report.verdicts).toMatchObject([
    { decision: 'conditions', reasons: [{ code: 'peak-measured-once', subjects: ['orders'] }] },
  ]);
  expect(renderMarkdown(writeReport(report, 'en'))).toMatch(
    /\(no interval: only one past promotion has data for this phase\)/,
  );
  expect(renderMarkdown(writeReport(report, 'zh'))).toMatch(/（无区间：该大促的这一时段只测量过一次）/);
});
