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
/** Series of alerts while they fire, and whether there is a load at all. */
let [alerts, hasLoad]: [readonly Record<string, string>[], boolean] = [[], true];
beforeEach(async () => {
  clock = createHandClock();
  clock.advance(window.fromMs / 1000 - 24 * hour);
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-review-job-'));
  history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
  [alerts, hasLoad] = [[], true];
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
  const values = Array.from({ length: 120 }, (_, minute) => [start + 60 * minute, '40000']);
  const series = asked.get('query')?.startsWith('ALERTS') === true ? alerts : hasLoad ? [{}] : [];
  const result = series.map((metric) => ({ metric, values }));
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
}

const enterReport = () => history.append({ kind: 'report', document: happened.report }, plimsoll).id;
function reviewing(written: Pick<SqliteHistory, 'append' | 'entries'> = history) {
  const { port } = prometheus.address() as AddressInfo;
  const config = SourceConfig.parse({ kind: 'prometheus', url: `http://127.0.0.1:${port}` });
  const source = { name: 'production', config, cluster: 'trade', load: 'sum(x)' };
  const job = createReviewJob({
    history: { ...history, ...written, [Symbol.dispose]: () => undefined },
    author: plimsoll,
    clock,
    config: ServiceConfig.parse({ domains: { orders: { cluster: 'trade' } } }),
    clusters: new Map([['trade', servedCluster('trade', { source, domains: ['orders'] })]]),
    promotions: () => [window],
  });
  return () => job.run(io);
}
const grades = () =>
  history.entries({ kinds: ['grade'], limit: 10 }).flatMap((entry) => (entry.kind === 'grade' ? [entry] : []));

test('a promotion that is over is reviewed once, by the report that was entered before it', async () => {
  const id = enterReport();
  alerts = [
    { alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster: 'trade' },
    { alertname: 'KafkaBrokerMissing', severity: 'critical', scope: 'broker', cluster: 'another' },
  ];
  const run = reviewing();
  clock.advance(53 * hour - 60);
  // It ended half an hour ago less a minute.
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

/** Its second append fails once. */
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

test('a history in use is written to once it is free', async () => {
  overWithTrouble();
  expect(await reviewing(failingOnce('ledger-in-use'))()).toContain('2 predictions graded');
  expect(grades()).toHaveLength(2);
});

test('a report that was entered afterwards was not said before', async () => {
  clock.advance(60 * hour);
  enterReport();
  expect(await reviewing()()).toBeUndefined();
  expect(grades()).toEqual([]);
});

test('a report of the promotion before, of the same name, is not reviewed', async () => {
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

test('while a source has nothing of it, it is asked again; after a week no more', async () => {
  enterReport();
  clock.advance(60 * hour);
  hasLoad = false;
  const run = reviewing();
  expect(await run()).toBeUndefined();
  hasLoad = true;
  clock.advance(8 * 24 * hour);
  expect(await run()).toBeUndefined();
  clock.advance(-3 * 24 * hour);
  expect(await run()).toContain('2 predictions graded');
});
