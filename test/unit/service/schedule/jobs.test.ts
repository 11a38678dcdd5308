import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import { SourceConfig } from '../../../../analyzer/evidence/sources/config.ts';
import { seconds, type Clock } from '../../../../core/clock.ts';
import type { SafeMaxTps } from '../../../../core/documents/analysis.ts';
import type { RecordedForecast } from '../../../../core/documents/history-entry.ts';
import { forecastOfLoad, type ForecastAnswer, type Question } from '../../../../service/calculation/calculation.ts';
import { followLoad } from '../../../../service/clusters/source-load.ts';
import { Promotion } from '../../../../app/config/promotion.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { forecastJob, isForecastable, loadJob, recordVerdict } from '../../../../service/schedule/jobs.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { madeLoad, madeStart } from '../../../support/made-history.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { servedCluster } from '../../../support/served-api.ts';

const io = { signal: new AbortController().signal };
let folder: string;
let history: SqliteHistory;
let prometheus: Server;
let answer: object;
/** Whether the source answers the nth request, counted from 1, with HTTP 503. */
let isDown: (nth: number) => boolean;
let asked: Question[];
const clock = createHandClock();

beforeEach(async () => {
  asked = [];
  isDown = () => false;
  let requests = 0;
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-jobs-'));
  history = openHistory(join(folder, 'ledger.sqlite'), { clock });
  prometheus = createServer((_request, response) => {
    requests += 1;
    if (isDown(requests)) response.writeHead(503).end('no healthy upstream');
    else response.end(JSON.stringify(answer));
  });
  prometheus.listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
});
afterEach(() => {
  history[Symbol.dispose]();
  prometheus.close();
  rmSync(folder, { recursive: true });
});

const source = () => {
  const { port } = prometheus.address() as AddressInfo;
  return SourceConfig.parse({ kind: 'prometheus', url: `http://127.0.0.1:${port}` });
};
/** The response of a Prometheus or Thanos without warnings. */
const readingsAt = (...seconds: number[]) => {
  const values = seconds.map((second) => [second, '1']);
  return { status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values }] } };
};
/** Returns the end of the last step that a query reads. */
const now = () => Math.floor(clock.now().getTime() / 300_000) * 300;
const vector = (...values: string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [0, value] })) },
});
const recorded: RecordedForecast = {
  horizonEndsAt: '2026-12-01T00:00:00.000Z',
  peak: { tps: 9, low: 8, high: 10, at: '2026-11-30T00:00:00.000Z', confidence: 0.8 },
  points: [{ at: '2026-11-30T00:00:00.000Z', tps: 9 }],
  chosen: 'seasonal-naive',
};

function forecasting(
  told: ForecastAnswer,
  calendar: () => readonly Promotion[] = () => [],
  sleep: Clock['sleep'] = clock.sleep,
) {
  const cluster = servedCluster('orders', {
    source: { name: 'production', config: source(), cluster: 'orders', load: 'sum(x)' },
  });
  if (!isForecastable(cluster)) throw new Error('a Prometheus with an expression can be forecast from');
  return forecastJob(cluster, {
    history,
    config: ServiceConfig.parse({}),
    policy: examplePolicy(),
    author: { name: 'plimsoll', through: 'schedule' },
    clock: { ...clock, sleep },
    calendar,
    calculator: {
      async ask(question) {
        asked.push(question);
        return told as never;
      },
      async [Symbol.asyncDispose]() {},
    },
  });
}

test('the load is the single value of the source; several, none, negative or NaN values are refused', async () => {
  const config = source();
  if (config.kind !== 'prometheus') throw new Error('not asked for');
  const load = followLoad(config, 'sum(x)', clock);
  const job = loadJob('orders', load);
  for (const bad of [vector(), vector('1', '2'), vector('-1'), vector('NaN')]) {
    answer = bad;
    await expect(job.run(io)).rejects.toMatchObject({ code: 'source-empty' });
    expect(load.last()).toBeUndefined();
  }
  answer = vector('4321');
  await job.run(io);
  expect(load.last()).toEqual({ produceTps: 4321, at: clock.now(), source: 'sum(x)' });
  answer = vector();
  await expect(job.run(io)).rejects.toThrow();
  expect(load.last()?.produceTps).toBe(4321);
});

test('a forecast is recorded with its evidence and made again when its interval has passed', async () => {
  answer = readingsAt(now());
  const job = forecasting({ kind: 'forecast', forecast: recorded });
  expect(job.firstAfter?.()).toBe(0);
  expect(await job.run(io)).toContain('forecast 9 msg/s');
  expect(history.latest('orders', ['forecast'])).toMatchObject({
    id: 1,
    by: { name: 'plimsoll', through: 'schedule' },
    evidence: 'source production, sum(x)',
    document: recorded,
  });
  clock.advance(600);
  expect(forecasting({ kind: 'forecast', forecast: recorded }).firstAfter?.()).toBe(3000);
  clock.advance(6000);
  expect(forecasting({ kind: 'forecast', forecast: recorded }).firstAfter?.()).toBe(0);
});

test('a partly read history has no forecast, and the last forecast keeps its age', async () => {
  const whole = readingsAt(now());
  answer = whole;
  const job = forecasting({ kind: 'forecast', forecast: recorded });
  await job.run(io);
  // 90 days need three requests, and one looks for older readings; of the next three, the last and its retries fail.
  isDown = (nth) => nth > 6;
  await expect(job.run(io)).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('for sum(x): HTTP 503'),
  });
  isDown = () => false;
  answer = { ...whole, warnings: ['receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable'] };
  await expect(job.run(io)).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('rpc error'),
  });
  expect([history.latest('orders', ['forecast'])?.id, asked.length]).toEqual([1, 1]);
  // An old Thanos warns about the time before its first sample.
  answer = { ...whole, warnings: ['No StoreAPIs matched for this query'] };
  expect(await job.run(io)).toContain('entry 2');
});

const request = (job: 'analysis' | 'forecast') =>
  history.append(
    { kind: 'change', cluster: 'orders', document: { what: 'analysis-asked', after: job } },
    { name: 'ann', through: 'page' },
  );

test('a job that an operator requested runs after a restart unless it ran already', async () => {
  answer = readingsAt(now());
  const started = () => forecasting({ kind: 'forecast', forecast: recorded });
  await started().run(io);
  clock.advance(600);
  request('analysis');
  expect(started().firstAfter?.()).toBe(3000);
  request('forecast');
  expect(started().firstAfter?.()).toBe(0);
  await started().run(io);
  expect(started().firstAfter?.()).toBe(3600);
});

test('a forecast is recorded as soon as another process releases the history', async () => {
  answer = readingsAt(now());
  using other = new DatabaseSync(join(folder, 'ledger.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  const job = forecasting({ kind: 'forecast', forecast: recorded }, undefined, async () => other.exec('COMMIT'));
  expect(await job.run(io)).toContain('entry 1');
});

test('a verdict unknown for the same reasons is recorded once, and again on request', async () => {
  const missing = (what: string): SafeMaxTps => ({ kind: 'unknown', missing: [{ what, node: 'cluster' }] });
  const entered = (safeMaxTps: SafeMaxTps) => {
    const document = { ...readAnalysis('load-test'), safeMaxTps };
    const author = { name: 'plimsoll', through: 'schedule' } as const;
    recordVerdict({ cluster: 'orders', evidence: 'source production', document }, { history, author });
    return history.entries({ kinds: ['verdict'], limit: 10 }).length;
  };
  const rates = missing('messages per second');
  expect([entered(rates), entered(rates)]).toEqual([1, 1]);
  const host = missing('host it runs on');
  expect(entered(host)).toBe(2);
  request('forecast');
  expect(entered(host)).toBe(2);
  request('analysis');
  expect([entered(host), entered(host)]).toEqual([3, 3]);
  const { safeMaxTps: known } = readAnalysis('load-test');
  expect([entered(known), entered(known)]).toEqual([4, 5]);
});

test('a forecast gets the promotions known when it is made, by their days', async () => {
  answer = readingsAt(now());
  const calendar: Promotion[] = [];
  const job = forecasting({ kind: 'forecast', forecast: recorded }, () => calendar);
  await job.run(io);
  calendar.push(
    Promotion.parse({ name: '618', from: '2026-06-17T20:00', to: '2026-06-19T00:00', timezone: 'Asia/Shanghai' }),
  );
  await job.run(io);
  expect(asked).toMatchObject([
    { timezone: 'UTC', promotions: [] },
    { timezone: 'Asia/Shanghai', promotions: [{ name: '618', on: '2026-06-17', days: 2 }] },
  ]);
  calendar.unshift(Promotion.parse({ name: 'sale', from: '2026-03-01T00:00', to: '2026-03-02T00:00' }));
  calendar.push(
    Promotion.parse({ name: '11-11', from: '2026-11-11T00:00', to: '2026-11-12T00:00', timezone: 'Asia/Shanghai' }),
  );
  await job.run(io);
  // In UTC the day of Shanghai begins at 16:00 of the previous day.
  expect(asked.at(-1)).toMatchObject({
    timezone: 'UTC',
    promotions: [{ name: 'sale' }, { name: '618' }, { name: '11-11', on: '2026-11-10', days: 2 }],
  });
});

test('a refused forecast fails with its reason and records nothing', async () => {
  answer = readingsAt(now());
  const job = forecasting({ kind: 'refused', reason: 'the history has 2 readings', reasonZh: '历史数据只有 2 个读数' });
  await expect(job.run(io)).rejects.toMatchObject({
    message: 'no forecast: the history has 2 readings',
    messageZh: '历史数据只有 2 个读数',
  });
  expect(history.revision()).toBe(0);
});

test('a forecast computed from a history fits the history schema', () => {
  const readings = madeLoad('service', { days: 43 }).map((value, hour) => ({
    timeMs: madeStart + hour * 3_600_000,
    value,
  }));
  const told = forecastOfLoad({
    kind: 'forecast',
    readings,
    timezone: 'UTC',
    horizonSeconds: 86_400,
    promotions: [],
  });
  if (told.kind === 'refused') throw new Error(told.reason);
  const { points, peak, horizonEndsAt } = told.forecast;
  expect(points).toHaveLength(24);
  expect(peak.low).toBeLessThanOrEqual(peak.tps);
  expect(peak.high).toBeGreaterThanOrEqual(peak.tps);
  expect(Date.parse(horizonEndsAt) - Date.parse(points[0]?.at ?? '')).toBe(86_400_000);
  const promotions = [{ name: 'opening', on: '2025-02-19', days: 1, lead: seconds(0), tail: seconds(0) }];
  const partial = forecastOfLoad({ kind: 'forecast', readings, timezone: 'UTC', horizonSeconds: 172_800, promotions });
  expect(partial).toMatchObject({ forecast: { points: { length: 24 }, excluded: ['opening'] } });
  expect(
    forecastOfLoad({
      kind: 'forecast',
      readings: readings.slice(0, 500),
      timezone: 'UTC',
      horizonSeconds: 86_400,
      promotions: [],
    }),
  ).toMatchObject({ kind: 'refused', reasonZh: expect.stringContaining('历史数据只有 20 天') });
});

test('missing newest readings prevent a forecast even without a warning; missing oldest readings do not', async () => {
  clock.advance(100 * 86_400 + 60 - clock.now().getTime() / 1000);
  // Thanos does not warn about a store that is down once it has dropped it.
  answer = readingsAt(0, 97 * 86_400);
  const job = forecasting({ kind: 'forecast', forecast: recorded });
  await expect(job.run(io)).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('the last reading is 3 days old'),
  });
  expect(asked).toEqual([]);
  // Monitoring that was tried out before it was permanently installed.
  answer = readingsAt(0, 40 * 86_400, 100 * 86_400);
  expect(await job.run(io)).toContain('entry 1');
});
