import { once } from 'node:events';
import { mkdtempDisposableSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SourceConfig } from '../../../../analyzer/evidence/sources/config.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { AppError, type FaultCode } from '../../../../core/errors.ts';
import { createReviewJob } from '../../../../service/grading/review-job.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { happened } from '../../../support/promotion-happened.ts';
import { servedCluster } from '../../../support/served-api.ts';

const hour = 3600;
const plimsoll = { name: 'plimsoll', through: 'schedule' } as const;
const io = { signal: new AbortController().signal };
const window = {
  name: happened.report.promotion.name,
  fromMs: Date.parse('2026-11-10T12:00:00Z'),
  toMs: Date.parse('2026-11-11T16:00:00Z'),
};

let clock: ReturnType<typeof createHandClock>;
let folder: ReturnType<typeof mkdtempDisposableSync>;
let history: SqliteHistory;
let prometheus: Server;
/** Series of firing alerts. */
let alerts: readonly Record<string, string>[] = [];
/** Whether the source has data for this query. */
let hasLoad: (query: string) => boolean;
/** Whether the source answers this query with HTTP 503, by the start of its range. */
let isRefused: (query: string, startMs: number) => boolean;
/** Warnings of a Thanos whose store does not respond. */
let warnings: readonly string[];
beforeEach(async () => {
  clock = createHandClock();
  clock.advance(window.fromMs / 1000 - 24 * hour);
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-review-job-'));
  history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
  alerts = [];
  hasLoad = () => true;
  isRefused = () => false;
  warnings = [];
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
  const asked = new URLSearchParams(await text(request));
  const start = Number(asked.get('start'));
  const query = asked.get('query') ?? '';
  if (isRefused(query, start * 1000)) {
    response.writeHead(503).end('no healthy upstream');
    return;
  }
  const values = Array.from({ length: 120 }, (_, minute) => [start + 60 * minute, '40000']);
  const series = query.startsWith('ALERTS') ? alerts : hasLoad(query) ? [{}] : [];
  const result = series.map((metric) => ({ metric, values }));
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, warnings }));
}

const ordersVerdict = happened.report.verdicts.find(({ domain }) => domain === 'orders')!;
const enterReport = () => history.append({ kind: 'report', document: happened.report }, plimsoll).id;
function reviewing(
  written: Pick<SqliteHistory, 'append' | 'entries'> = history,
  clusterOf: Readonly<Record<string, string>> = { orders: 'trade' },
  promotions = [window],
  nameInSource?: string,
) {
  const { port } = prometheus.address() as AddressInfo;
  const config = SourceConfig.parse({ kind: 'prometheus', url: `http://127.0.0.1:${port}` });
  const clusters = Object.entries(clusterOf).map(([domain, cluster]) => {
    const load = cluster === 'trade' ? 'sum(x)' : `sum(${cluster})`;
    const source = { name: `source of ${cluster}`, config, cluster: nameInSource ?? cluster, load };
    return servedCluster(cluster, { source, domains: [domain] });
  });
  const domains = Object.fromEntries(Object.entries(clusterOf).map(([domain, cluster]) => [domain, { cluster }]));
  const job = createReviewJob({
    history: { ...history, ...written, [Symbol.dispose]: () => undefined },
    author: plimsoll,
    clock,
    config: ServiceConfig.parse({ domains }),
    clusters: new Map(clusters.map((served) => [served.name, served])),
    promotions: () => promotions,
  });
  return () => job.run(io);
}
const grades = () =>
  history.entries({ kinds: ['grade'], limit: 10 }).flatMap((entry) => (entry.kind === 'grade' ? [entry] : []));

test('a finished promotion is reviewed once, with the report that was recorded before it', async () => {
  const id = enterReport();
  alerts = [
    { alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster: 'trade' },
    { alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster: 'another' },
  ];
  const run = reviewing();
  clock.advance(53 * hour - 60);
  // Half an hour after its end, less one minute.
  clock.advance(-hour / 2);
  expect(await run()).toBeUndefined();
  clock.advance(hour);
  expect(await run()).toBe(`promotion ${window.name} reviewed: 2 predictions graded`);
  expect(grades()).toMatchObject([
    { cluster: 'trade', domain: 'orders', evidence: `report, entry ${id}`, document: { of: id, what: 'safe-max' } },
    { cluster: 'trade', domain: 'orders', document: { of: id, what: 'forecast', actual: 40_000 } },
  ]);
  expect(grades()[0]?.why).toContain('wrong: KafkaBrokerMissing');
  await run();
  expect(await reviewing()()).toBeUndefined();
  expect(grades()).toHaveLength(2);
});

test.each(['prod-3', 'trade'])(
  'an alert for %s counts for the cluster that the source calls prod-3',
  async (cluster) => {
    enterReport();
    alerts = [{ alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster }];
    clock.advance(60 * hour);
    await reviewing(history, { orders: 'trade' }, [window], 'prod-3')();
    expect(grades()[0]?.why).toContain('wrong: KafkaBrokerMissing');
  },
);

/** Returns a history whose second append fails once. */
function failingOnce(code: FaultCode): Pick<SqliteHistory, 'append' | 'entries'> {
  let appends = 0;
  return {
    entries: (query) => history.entries(query),
    append(...entry) {
      if (++appends === 2) throw new AppError(code, 'the history takes nothing now');
      return history.append(...entry);
    },
  };
}
const overWithTrouble = () => {
  enterReport();
  alerts = [{ alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster: 'trade' }];
  clock.advance(60 * hour);
};

test.each([
  ['the same job, an hour later', (run: () => Promise<string | undefined>) => run],
  ['the next leader', () => reviewing()],
])('grades that could not be written are written by %s', async (_, next) => {
  overWithTrouble();
  const run = reviewing(failingOnce('ledger-full'));
  await expect(run()).rejects.toThrow('the history takes nothing now');
  expect(grades()).toHaveLength(1);
  expect(await next(run)()).toBe(`promotion ${window.name} reviewed: 1 predictions graded`);
  expect(grades().map(({ document }) => document.what)).toEqual(['safe-max', 'forecast']);
});

test('a history in use is written to as soon as it is free', async () => {
  overWithTrouble();
  expect(await reviewing(failingOnce('ledger-in-use'))()).toContain('2 predictions graded');
  expect(grades()).toHaveLength(2);
});

test('a report that was recorded after the promotion is not graded', async () => {
  clock.advance(60 * hour);
  enterReport();
  expect(await reviewing()()).toBeUndefined();
  expect(grades()).toEqual([]);
});

test('a report about an earlier promotion of the same name is not reviewed', async () => {
  const { name } = happened.report.promotion;
  const enterFor = (promotion: typeof happened.report.promotion) =>
    history.append({ kind: 'report', document: { ...happened.report, promotion } }, plimsoll);
  clock.advance(-200 * 24 * hour);
  enterFor({ name });
  clock.advance(200 * 24 * hour);
  enterFor({ name, from: '2026-05-01', to: '2026-05-12' });
  clock.advance(60 * hour);
  expect(await reviewing()()).toBeUndefined();
  expect(grades()).toEqual([]);
});

test("a report about last month's occurrence of a monthly promotion is not reviewed", async () => {
  const monthMs = 30 * 24 * hour * 1000;
  const before = { ...window, fromMs: window.fromMs - monthMs, toMs: window.toMs - monthMs };
  const { name } = window;
  const run = reviewing(history, { orders: 'trade' }, [before, window]);
  clock.advance(-31 * 24 * hour);
  for (const promotion of [{ name }, { name, from: '2026-10-11', to: '2026-10-12' }]) {
    history.append({ kind: 'report', document: { ...happened.report, promotion } }, plimsoll);
  }
  clock.advance(31 * 24 * hour + 60 * hour);
  expect(await run()).toBeUndefined();
  expect(grades()).toEqual([]);
});

test('with one report per team, each domain is graded by the newest report that contains it', async () => {
  const enterFor = (...domains: readonly string[]) => {
    const verdicts = domains.map((domain) => ({ ...ordersVerdict, domain }));
    return history.append({ kind: 'report', document: { ...happened.report, verdicts } }, plimsoll).id;
  };
  enterFor('orders', 'pay');
  const [orders, pay] = [enterFor('orders'), enterFor('pay')];
  clock.advance(60 * hour);
  const run = reviewing(history, { orders: 'trade', pay: 'payments' });
  expect(await run()).toBe(`promotion ${window.name} reviewed: 4 predictions graded`);
  expect(grades().map(({ domain, evidence, document }) => [domain, evidence, document.of])).toEqual([
    ['orders', `report, entry ${orders}`, orders],
    ['orders', `report, entry ${orders}`, orders],
    ['pay', `report, entry ${pay}`, pay],
    ['pay', `report, entry ${pay}`, pay],
  ]);
  expect(await run()).toBeUndefined();
});

test('a source without data is queried again for one week and not longer', async () => {
  enterReport();
  clock.advance(60 * hour);
  hasLoad = () => false;
  const run = reviewing();
  expect(await run()).toMatch(/: cluster trade not graded: .* returned no series for sum\(x\) from 2026-11-10T12:00/);
  expect(await run()).toBeUndefined();
  hasLoad = () => true;
  clock.advance(8 * 24 * hour);
  expect(await run()).toBeUndefined();
  clock.advance(-3 * 24 * hour);
  expect(await run()).toContain('2 predictions graded');
});

test.each<[string, typeof isRefused]>([
  ['its load', (query) => query === 'sum(x)'],
  ['its first alerts', (query, startMs) => query.startsWith('ALERTS') && startMs < window.fromMs + 3 * hour * 1000],
])('the job fails while %s cannot be read, and a later run grades', async (_, refuses) => {
  overWithTrouble();
  isRefused = refuses;
  const run = reviewing();
  await expect(run()).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('HTTP 503') as string,
  });
  expect(grades()).toEqual([]);
  isRefused = () => false;
  expect(await run()).toContain('2 predictions graded');
  expect(grades()[0]?.why).toContain('wrong: KafkaBrokerMissing');
});

test('the job fails while a store of the source does not respond, and a later run grades', async () => {
  overWithTrouble();
  warnings = ['receive series from Addr: 10.0.0.2:10901: rpc error: code = Unavailable'];
  const run = reviewing();
  await expect(run()).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('rpc error') as string,
  });
  expect(grades()).toEqual([]);
  warnings = [];
  expect(await run()).toContain('2 predictions graded');
});

test('a cluster without data in the source is not graded and the reason is shown, until a later run', async () => {
  const verdicts = ['orders', 'pay'].map((domain) => ({ ...ordersVerdict, domain }));
  history.append({ kind: 'report', document: { ...happened.report, verdicts } }, plimsoll);
  clock.advance(60 * hour);
  hasLoad = (query) => query !== 'sum(x)';
  const run = reviewing(history, { orders: 'trade', pay: 'payments' });
  const text = await run();
  expect(text).toContain(`promotion ${window.name} reviewed: 2 predictions graded; promotion ${window.name}: cluster`);
  expect(text).toMatch(/cluster trade not graded: .* returned no series for sum\(x\) from /);
  expect(await run()).toBeUndefined();
  expect(grades().map(({ cluster }) => cluster)).toEqual(['payments', 'payments']);
  hasLoad = () => true;
  expect(await run()).toBe(`promotion ${window.name} reviewed: 2 predictions graded`);
  expect(grades().map(({ cluster }) => cluster)).toEqual(['trade', 'trade', 'payments', 'payments']);
  expect(await run()).toBeUndefined();
});

test('a cluster whose source is down is graded by a later run, and the other clusters once', async () => {
  const verdicts = ['orders', 'pay'].map((domain) => ({ ...ordersVerdict, domain }));
  history.append({ kind: 'report', document: { ...happened.report, verdicts } }, plimsoll);
  clock.advance(60 * hour);
  isRefused = (query) => query === 'sum(x)';
  const run = reviewing(history, { orders: 'trade', pay: 'payments' });
  await expect(run()).rejects.toMatchObject({ code: 'prometheus-refused' });
  await expect(run()).rejects.toMatchObject({ code: 'prometheus-refused' });
  expect(grades().map(({ cluster }) => cluster)).toEqual(['payments', 'payments']);
  isRefused = () => false;
  // The log includes the grades of the failed runs.
  const graded = `promotion ${window.name} reviewed: 2 predictions graded`;
  expect(await run()).toBe(`${graded}; ${graded}`);
  expect(grades().map(({ cluster }) => cluster)).toEqual(['trade', 'trade', 'payments', 'payments']);
  expect(await run()).toBeUndefined();
});
