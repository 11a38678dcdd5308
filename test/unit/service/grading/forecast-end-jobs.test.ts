import { once } from 'node:events';
import { mkdtempDisposableSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SourceConfig } from '../../../../analyzer/evidence/sources/config.ts';
import { createForecastEndJobs } from '../../../../service/grading/forecast-end-jobs.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import type { WatchedCourse } from '../../../../service/grading/watched-course.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster } from '../../../support/served-api.ts';

const hour = 3600;
const day = 24 * hour;
const plimsoll = { name: 'plimsoll', through: 'schedule' } as const;
const io = { signal: new AbortController().signal };

let clock: ReturnType<typeof createHandClock>;
let folder: ReturnType<typeof mkdtempDisposableSync>;
let history: SqliteHistory;
let prometheus: Server;
/** Messages per second at a moment in seconds since the epoch; absent: the source returns no data. */
let load: ((second: number) => number) | undefined;
/** Warnings of a Thanos whose store does not respond. */
let warnings: readonly string[];
let questions = 0;
beforeEach(async () => {
  clock = createHandClock();
  clock.advance(100 * day + 600);
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-forecast-end-'));
  history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
  [load, questions, warnings] = [() => 1000, 0, []];
  prometheus = createServer((request, response) => void answer(request, response));
  prometheus.listen(0, '127.0.0.1');
  await once(prometheus, 'listening');
});
afterEach(() => {
  history[Symbol.dispose]();
  prometheus.close();
  folder.remove();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  questions++;
  const asked = new URLSearchParams(await text(request));
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(asked.get(name))) as [
    number,
    number,
    number,
  ];
  const rate = load;
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  const result = rate === undefined ? [] : [{ metric: {}, values: times.map((time) => [time, String(rate(time))]) }];
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, warnings }));
}

/** Enters a forecast for the next day, hour by hour, made now. */
function enterForecast(tps: number): number {
  const begin = Math.ceil(clock.now().getTime() / 3_600_000) * 3_600_000;
  const at = (index: number) => new Date(begin + index * 3_600_000).toISOString();
  const band = { tps, low: 0.9 * tps, high: 1.1 * tps };
  const points = Array.from({ length: 24 }, (_, index) => ({ at: at(index), ...band }));
  const peak = { ...band, at: at(0), confidence: 0.8 };
  const document = { horizonEndsAt: at(24), peak, points, chosen: 'seasonal-naive' };
  return history.append({ kind: 'forecast', cluster: 'orders', document }, plimsoll).id;
}

function jobOf(courses = new Map<string, Pick<WatchedCourse, 'readings'>>()) {
  const { port } = prometheus.address() as AddressInfo;
  const config = SourceConfig.parse({ kind: 'prometheus', url: `http://127.0.0.1:${port}` });
  const source = { name: 'production', config, cluster: 'orders', load: 'sum(x)' };
  const served = servedCluster('orders', courses.size === 0 ? { source } : {});
  const [job] = createForecastEndJobs({
    history,
    author: plimsoll,
    clock,
    clusters: new Map([['orders', served]]),
    courses,
  });
  return () => job?.run(io);
}

const grades = () =>
  history
    .entries({ cluster: 'orders', kinds: ['grade'], limit: 10 })
    .flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : []));

test('for each finished day, only the forecast in effect at its start is graded', async () => {
  enterForecast(500);
  clock.advance(23 * hour);
  const stood = enterForecast(1000);
  clock.advance(hour);
  enterForecast(5000);
  const run = jobOf();
  clock.advance(20 * hour);
  expect(await run()).toBeUndefined();
  expect(questions).toBe(0);
  clock.advance(4 * hour);
  expect(await run()).toBe('1 forecasts graded at their end');
  expect(grades()).toMatchObject([
    { of: stood, event: 'forecast-end', what: 'forecast', actual: 1000, held: true, bias: 0, covered: 1 },
  ]);
  await run();
  await jobOf()();
  expect(grades()).toHaveLength(1);
});

test('actual load is compared with each hour of the forecast', async () => {
  enterForecast(1000);
  clock.advance(2 * day);
  const begin = 100 * day + hour;
  // The load of the second half of the day is twice the forecast.
  load = (second) => (second > begin + 12 * hour ? 2000 : 1000);
  await jobOf()();
  expect(grades()).toMatchObject([{ actual: 2000, held: false, bias: 0.5, covered: 0.5 }]);
});

test('a source without data is queried again for one week', async () => {
  enterForecast(1000);
  clock.advance(2 * day);
  load = undefined;
  const run = jobOf();
  await expect(run()).rejects.toMatchObject({ code: 'source-empty' });
  clock.advance(hour);
  load = () => 1000;
  await run();
  expect(grades()).toHaveLength(1);
  enterForecast(1000);
  clock.advance(9 * day);
  questions = 0;
  expect(await run()).toBeUndefined();
  expect(questions).toBe(0);
});

test('forecasts are graded after a clock that was far ahead has been set back', async () => {
  const run = jobOf();
  clock.suspend(365 * day);
  await run();
  clock.suspend(-365 * day);
  const id = enterForecast(1000);
  clock.advance(2 * day);
  await run();
  expect(grades()).toMatchObject([{ of: id }]);
});

test('a forecast is not graded on partial data while a store of the source does not respond', async () => {
  enterForecast(1000);
  clock.advance(2 * day);
  load = () => 500;
  warnings = ['receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable'];
  const run = jobOf();
  await expect(run()).rejects.toMatchObject({ code: 'prometheus-refused' });
  expect(grades()).toEqual([]);
  [load, warnings] = [() => 1000, []];
  await run();
  expect(grades()).toMatchObject([{ actual: 1000, held: true }]);
});

test('without a monitoring system, own readings grade a forecast if they cover at least half of it', async () => {
  const begin = Math.ceil(clock.now().getTime() / 3_600_000) * 3_600_000;
  const id = enterForecast(1000);
  const readings = (hours: number) =>
    Array.from({ length: 60 * hours }, (_, minute) => ({ atMs: begin + minute * 60_000, produceTps: 1050 }));
  clock.advance(2 * day);
  await jobOf(new Map([['orders', { readings: readings(11) }]]))();
  expect(grades()).toEqual([]);
  await jobOf(new Map([['orders', { readings: readings(13) }]]))();
  expect(grades()).toMatchObject([{ of: id, actual: 1050, held: true }]);
});
