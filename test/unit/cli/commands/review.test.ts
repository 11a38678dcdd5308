import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../../../core/clock.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { promotionGrades } from '../../../../service/grading/promotion-grades.ts';
import { windowOf } from '../../../../service/status/promotions.ts';
import { Promotion } from '../../../../app/config/promotion.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firingsOf } from '../../../../analyzer/review/promotion-metrics.ts';
import { happened, ordersLoad } from '../../../support/promotion-happened.ts';
import { runWords } from '../../../support/run-words.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-review-'));
  await writeFile(file('report.json'), JSON.stringify(happened.report));
  await writeFile(file('events.yaml'), JSON.stringify(happened.happenings));
  const rows = ordersLoad.map(({ timeMs, value }) => `${new Date(timeMs).toISOString()},${value}`);
  await writeFile(file('orders.csv'), ['time,value', ...rows].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const review = (...words: string[]) =>
  runWords('review', '--promotion', 'Double 11 2026', '--report', file('report.json'), ...words);
const inputs = () => ['--history', `orders=${file('orders.csv')}`, '--events', file('events.yaml')];

test.each(['en', 'zh'])('prints the review in %s as Markdown', async (language) => {
  const { exitCode, stdout, stderr } = await review(...inputs(), '--lang', language);
  expect([exitCode, stderr]).toEqual([0, '']);
  await expect(stdout).toMatchFileSnapshot(`../../../golden/promotion-review-${language}.md`);
});

test('grades a decision, and its forecast and safe maximum, under different headings', async () => {
  const { stdout } = await review(...inputs(), '--lang', 'en');
  expect(stdout).toContain('| Domain | Decision correct? | Decision |');
  expect(stdout).toContain('| Domain | Prediction correct? | Peak, msg/s |');
  expect(stdout).toContain('| Domain | Prediction correct? | Safe maximum, msg/s |');
});

test('states nothing about the load of a domain without readings', async () => {
  await writeFile(file('old.csv'), 'time,value\n2026-10-01T00:00:00Z,700\n2026-10-01T01:00:00Z,800\n');
  await writeFile(file('none.yaml'), '{}');
  const words = ['--history', `orders=${file('old.csv')}`, '--events', file('none.yaml'), '--lang', 'en'];
  const { exitCode, stdout } = await review(...words);
  expect([exitCode, stdout]).toEqual([3, expect.stringContaining('No incidents were recorded.')]);
  expect(stdout).not.toContain('stayed below the safe maximum,');
});

test('without events or alerts, incidents are unknown, and only the forecast is scored', async () => {
  const only = ['--history', `orders=${file('orders.csv')}`, '--json'];
  const { domains, alerts, held } = JSON.parse((await review(...only)).stdout);
  const scored = domains.filter(
    (domain: object) => 'decisionHeld' in domain || 'reasons' in domain || 'safeMax' in domain,
  );
  expect([scored, alerts, held]).toEqual([[], undefined, { graded: 1, held: 1 }]);
  const text = (await review(...only.slice(0, 2), '--lang', 'en')).stdout;
  expect(text.split('Not evaluated: incidents and alerts are unknown.')).toHaveLength(3);
  await writeFile(file('none.yaml'), '{}');
  const none = JSON.parse((await review(...only, '--events', file('none.yaml'))).stdout);
  expect(none.alerts.missed).toBe(1);
});

test('the review of a report without figures states none', async () => {
  const { verdicts, ...rest } = happened.report;
  const first = verdicts.map((verdict) => ({ ...verdict, reason: verdict.reasons[0]?.code }));
  await writeFile(file('first.json'), JSON.stringify({ ...rest, schemaVersion: 1, verdicts: first }));
  const { stdout } = await review(...inputs(), '--lang', 'en', '--report', file('first.json'));
  expect(stdout).toContain('safely carries – of the needed – msg/s');
});

test('prints the review as one JSON document, and as a page', async () => {
  const { stdout } = await review(...inputs(), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, held: { graded: 2, held: 2 } });
  const page = await review(...inputs(), '--format', 'html');
  expect(page.stdout).toContain('<title>Review: Double 11 2026</title>');
});

test('days are those of --timezone', async () => {
  const of = async (...words: string[]) => JSON.parse((await review(...inputs(), '--json', ...words)).stdout).promotion;
  expect(await of('--timezone', 'Asia/Shanghai')).toMatchObject({
    from: '2026-10-31T16:00:00.000Z',
    to: '2026-11-12T16:00:00.000Z',
  });
  // Clocks in New York are set back on that day, which has 25 hours.
  const longDay = ['--from', '2026-11-01', '--to', '2026-11-01', '--timezone', 'America/New_York'];
  expect(await of(...longDay)).toMatchObject({ from: '2026-11-01T04:00:00.000Z', to: '2026-11-02T05:00:00.000Z' });
});

test('the times of a promotion come from the config, unless the command or the report has other days', async () => {
  const { name } = happened.report.promotion;
  const times = { from: '2026-11-01T20:00', to: '2026-11-12T12:00', timezone: 'Asia/Shanghai' };
  const keep = async (path: string, promotion: object) => {
    await writeFile(file(path), JSON.stringify({ clusters: {}, service: { promotions: [{ name, ...promotion }] } }));
    return ['--config', file(path)];
  };
  const of = async (...words: string[]) => JSON.parse((await review(...inputs(), '--json', ...words)).stdout).promotion;
  const timed = await keep('timed.yaml', times);
  expect(await of(...timed)).toMatchObject({ from: '2026-11-01T12:00:00.000Z', to: '2026-11-12T04:00:00.000Z' });
  const wholeDays = { from: '2026-10-31T16:00:00.000Z', to: '2026-11-12T16:00:00.000Z' };
  expect(await of(...timed, '--from', '2026-11-01')).toMatchObject(wholeDays);
  const shorter = await keep('shorter.yaml', { ...times, to: '2026-11-11T12:00' });
  expect(await of(...shorter)).toMatchObject(wholeDays);
});

test('reads report and grades from the history', async () => {
  let now = '2026-04-12T12:00:00Z';
  const clock = { ...systemClock, now: () => new Date(now) };
  using history = openHistory(file('ledger.sqlite'), { clock });
  const by = { name: 'plimsoll', through: 'schedule' } as const;
  const enter = (over: Partial<typeof happened.report>) =>
    history.append({ kind: 'report', document: { ...happened.report, ...over } }, by);
  const { promotion } = happened.report;
  enter({ asOf: '2026-04-12', promotion: { ...promotion, from: '2026-04-20', to: '2026-04-21' } });
  now = '2026-10-30T12:00:00Z';
  enter({ asOf: '2026-10-30' });
  enter({ promotion: { name: '618' } });
  now = '2026-11-11T12:00:00Z';
  // The report with the measured peak, for the archive.
  enter({ asOf: '2026-11-11' });
  enter({ promotion: { ...promotion, name: 'Late sale' } });
  const grade = (endedAt: string, held: boolean) => ({
    of: 1,
    event: 'natural-peak' as const,
    startedAt: endedAt,
    endedAt,
    held,
    actual: 1,
    predicted: { value: 1, unit: 'messages/s' },
  });
  for (const [endedAt, held] of [
    ['2026-11-11T01:00:00Z', true],
    ['2026-11-11T02:00:00Z', false],
    ['2026-10-01T02:00:00Z', true],
  ] as const) {
    history.append({ kind: 'grade', cluster: 'orders', document: grade(endedAt, held) }, by);
  }
  const words = ['--history-db', file('ledger.sqlite'), ...inputs(), '--json'];
  const { stdout } = await runWords('review', '--promotion', 'Double 11 2026', ...words);
  expect(JSON.parse(stdout)).toMatchObject({
    report: { asOf: '2026-10-30' },
    grades: { graded: 2, held: 1 },
    held: { graded: 2, held: 2 },
  });
  const late = ['--promotion', 'Late sale', ...words];
  const lateMessage = 'the history has no report of Late sale from before the promotion';
  expect(JSON.parse((await runWords('review', ...late)).stdout).error.message).toBe(lateMessage);
  const asOf = async (...span: string[]) =>
    JSON.parse((await runWords('review', '--promotion', 'Double 11 2026', ...words, ...span)).stdout).report.asOf;
  expect(await asOf('--from', '2026-04-20', '--to', '2026-04-21')).toBe('2026-04-12');
  const other = await runWords('review', '--promotion', 'Double 12', ...words);
  expect([other.exitCode, JSON.parse(other.stdout).error.message]).toEqual([
    2,
    'the history has no report of Double 12',
  ]);
});

test('counts the grades that the service made for the promotion, up to its end', async () => {
  const { name } = happened.report.promotion;
  const times = { name, from: '2026-11-01T00:00', to: '2026-11-13T00:00' };
  await writeFile(file('graded.yaml'), JSON.stringify({ clusters: {}, service: { promotions: [times] } }));
  const clock = { ...systemClock, now: () => new Date('2026-11-13T00:30:00Z') };
  using history = openHistory(file('graded.sqlite'), { clock });
  const promotion = windowOf(Promotion.parse(times));
  const load = { cluster: 'orders', domains: ['orders'], isOfOne: true, readings: ordersLoad, fired: [] };
  const grades = promotionGrades({ entry: 1, report: happened.report, promotion }, load);
  expect(grades.map(({ grade }) => grade.endedAt)).toContain('2026-11-13T00:00:00.000Z');
  for (const { cluster, grade } of grades) {
    history.append({ kind: 'grade', cluster, document: grade }, { name: 'plimsoll', through: 'schedule' });
  }
  const held = grades.filter(({ grade }) => grade.held).length;
  const words = [...inputs(), '--history-db', file('graded.sqlite'), '--json'];
  for (const given of [[], ['--config', file('graded.yaml')]]) {
    const { stdout } = await review(...words, ...given);
    expect(JSON.parse(stdout).grades).toEqual({ graded: grades.length, held });
  }
});

test('for a monthly promotion, uses the report of that month', async () => {
  let now = '2026-10-01T12:00:00Z';
  const clock = { ...systemClock, now: () => new Date(now) };
  using history = openHistory(file('monthly.sqlite'), { clock });
  const by = { name: 'plimsoll', through: 'schedule' } as const;
  const enter = (asOf: string, from: string) => {
    now = `${asOf}T12:00:00Z`;
    const promotion = { ...happened.report.promotion, from, to: from };
    history.append({ kind: 'report', document: { ...happened.report, asOf, promotion } }, by);
  };
  enter('2026-10-01', '2026-10-11');
  const words = ['--promotion', happened.report.promotion.name, '--history-db', file('monthly.sqlite'), '--json'];
  const on = async (day: string) => JSON.parse((await runWords('review', ...words, ...inputs(), '--from', day)).stdout);
  expect(await on('2026-11-11')).toMatchObject({ error: { code: 'not-found' } });
  enter('2026-11-01', '2026-11-11');
  const reviewed = async (day: string) =>
    JSON.parse((await runWords('review', ...words, ...inputs(), '--from', day, '--to', day)).stdout).report.asOf;
  expect([await reviewed('2026-11-11'), await reviewed('2026-10-11')]).toEqual(['2026-11-01', '2026-10-01']);
  // The promotion was moved by two days.
  expect(await reviewed('2026-11-13')).toBe('2026-11-01');
});

test('exits with 3 if nothing was tested', async () => {
  await writeFile(file('quiet.yaml'), '{}');
  expect((await review('--events', file('quiet.yaml'))).exitCode).toBe(3);
});

test.each<[string, string[], string]>([
  ['nothing to hold it against', [], 'review has nothing to compare the report with'],
  ['a domain the report has not', ['--history', 'order=/dev/null'], 'the report has no domain order'],
  ['an expression without a server', ['--load', 'orders=up', '--events', 'x'], '--prometheus is missing'],
  ['an address that is none', ['--prometheus', 'prometheus:9090'], '--prometheus: '],
  ['an end before the beginning', ['--events', 'x', '--from', '2026-11-12', '--to', '2026-11-01'], 'before it begins'],
  ['a zone that is none', ['--events', 'x', '--timezone', 'Mars'], 'is not a time zone'],
  ['a format nobody wrote', ['--events', 'x', '--format', 'xlsx'], '--format: "xlsx" is not one of md, html'],
])('rejects %s', async (_, words, message) => {
  const { exitCode, stderr } = await review(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('does not score the report of another promotion', async () => {
  const { exitCode, stderr } = await runWords('review', '--promotion', '618', '--report', file('report.json'));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is the report of Double 11 2026, not of 618')]);
});

type Series = readonly { metric: Record<string, string>; values: [number, string][] }[];
/** @param seriesOf undefined: HTTP 503 */
async function reviewWith(seriesOf: (query: string, start: number) => Series | undefined, ...words: string[]) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = new URLSearchParams(await text(request));
    const result = seriesOf(asked.get('query') ?? '', Number(asked.get('start')));
    if (result === undefined) response.writeHead(503, { 'Retry-After': '0' }).end();
    else response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reviewed = await review('--prometheus', `http://127.0.0.1:${port}`, ...words);
  server.close();
  return reviewed;
}

const begin = Date.parse('2026-11-01T00:00:00Z') / 1000;
/** A page half an hour before belongs to an incident at midnight. */
const pagesBegin = begin - 1800;
test.each<[string, (query: string, start: number) => boolean]>([
  ['sum(x)', (query) => query === 'sum(x)'],
  ['ALERTS{alertstate="firing"}', (query, start) => query.startsWith('ALERTS') && start === pagesBegin],
])('a failed query for %s is not an empty result', async (expression, isRefused) => {
  const seriesOf = (query: string, start: number): Series | undefined => {
    if (isRefused(query, start)) return undefined;
    return query === 'sum(x)' ? [{ metric: {}, values: [[start, '40000']] }] : [];
  };
  const { exitCode, stderr } = await reviewWith(seriesOf, '--load', 'orders=sum(x)');
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(`for ${expression}: HTTP 503`);
});

test.each([
  [0, 'returned no series for sum(x) from 2026-11-01T00:00:00.000Z to', 'check metric name and labels'],
  [2, 'returned 2 series for sum(x), but a review needs one', 'wrap it in sum(), or'],
])('rejects a load of %i series with a remedy', async (count, message, hint) => {
  const seriesOf = (query: string, start: number): Series =>
    Array.from({ length: query === 'sum(x)' ? count : 0 }, (_, broker): Series[number] => ({
      metric: { broker: String(broker) },
      values: [[start, '40000']],
    }));
  const { exitCode, stdout } = await reviewWith(seriesOf, '--load', 'orders=sum(x)', '--json');
  expect([exitCode, JSON.parse(stdout).error]).toMatchObject([
    5,
    { code: 'source-empty', message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
  ]);
});

test('an alert of a cluster belongs to its domain if the config has both', async () => {
  const broker = { broker: 'kafka', bootstrap: ['127.0.0.1:1'] };
  const clusterOf = (domain: string) => ({ cluster: domain === 'orders' ? 'trade' : 'payments' });
  const domains = Object.fromEntries(happened.report.verdicts.map(({ domain }) => [domain, clusterOf(domain)]));
  const clusters = { trade: broker, payments: broker, logs: broker };
  await writeFile(file('clusters.yaml'), JSON.stringify({ clusters, service: { domains } }));
  const sources = { prod: { kind: 'prometheus', url: 'http://prometheus:9090' } };
  const service = { domains, clusters: { payments: { source: 'prod', nameInSource: 'logs' } } };
  const named = { clusters: { trade: broker, payments: broker }, sources, service };
  await writeFile(file('named.yaml'), JSON.stringify(named));
  const incident = { from: '2026-11-01T00:10:00Z', to: '2026-11-01T00:20:00Z', what: 'slow' };
  const troubles = ['orders', 'finance'].map((domain) => ({ domain, ...incident }));
  await writeFile(file('slow.yaml'), JSON.stringify({ troubles }));
  const seriesOf = (_: string, start: number): Series =>
    ['trade', 'logs'].map((cluster): Series[number] => ({
      metric: { alertname: `KafkaBrokerMissing ${cluster}`, severity: 'critical', cluster },
      values: start === pagesBegin ? [[begin + 600, '1']] : [],
    }));
  const alertsWith = async (...words: string[]) =>
    JSON.parse((await reviewWith(seriesOf, '--events', file('slow.yaml'), '--json', ...words)).stdout).alerts;
  expect(await alertsWith()).toMatchObject({ pages: 2, caught: 2, missed: 0 });
  expect(await alertsWith('--config', file('clusters.yaml'))).toMatchObject({ pages: 1, caught: 1, missed: 1 });
  expect(await alertsWith('--config', file('named.yaml'))).toMatchObject({ pages: 2, caught: 2, missed: 0 });
});

test('a page before midnight is in time for an incident at midnight, even if it comes from Prometheus', async () => {
  const incident = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T00:20:00Z', what: 'slow' };
  await writeFile(file('midnight.yaml'), JSON.stringify({ troubles: [{ domain: 'orders', ...incident }] }));
  const metric = { alertname: 'ClusterAboveSafeMax', severity: 'critical', domain: 'orders' };
  const minutes = Array.from({ length: 20 }, (_, minute) => begin - 600 + 60 * minute);
  const seriesOf = (query: string, start: number): Series => {
    const values = minutes.filter((at) => at >= start && at < start + 3600).map((at): [number, string] => [at, '1']);
    return query.startsWith('ALERTS') ? [{ metric, values }] : [];
  };
  const { stdout } = await reviewWith(seriesOf, '--events', file('midnight.yaml'), '--json');
  const { alerts } = JSON.parse(stdout);
  expect(alerts.episodes).toMatchObject([{ pagedBy: 'ClusterAboveSafeMax', leadSeconds: 600 }]);
});

test('without events, critical alerts refute a GO or leave it open', async () => {
  const { report } = happened;
  const verdicts = report.verdicts.map((verdict) => ({ ...verdict, decision: 'go', reasons: [{ code: 'proven' }] }));
  await writeFile(file('go.json'), JSON.stringify({ ...report, verdicts }));
  const ordersWith = async (...labels: Record<string, string>[]) => {
    const seriesOf = (query: string, start: number): Series =>
      query === 'sum(x)'
        ? [{ metric: {}, values: Array.from({ length: 60 }, (_, minute) => [start + 60 * minute, '20000']) }]
        : labels.map((own) => ({
            metric: { alertname: 'KafkaBrokerMissing', severity: 'critical', domain: 'orders', ...own },
            values: start === pagesBegin ? [[begin + 600, '1']] : [],
          }));
    const words = ['--load', 'orders=sum(x)', '--report', file('go.json'), '--json'];
    const { domains } = JSON.parse((await reviewWith(seriesOf, ...words)).stdout);
    return domains.find(({ domain }: { domain: string }) => domain === 'orders');
  };
  expect(await ordersWith()).toMatchObject({ decisionHeld: true });
  expect(await ordersWith({ scope: 'capacity' })).toMatchObject({ decisionHeld: true });
  expect(await ordersWith({ scope: 'broker' })).toMatchObject({ decisionHeld: false, reasons: [{ outcome: 'wrong' }] });
  // An alert of other rules does not state whether users were affected.
  const unclear = await ordersWith({});
  expect(unclear.forecast).toBeDefined();
  for (const score of ['decisionHeld', 'reasons', 'safeMax']) expect(unclear).not.toHaveProperty(score);
});

test('without events, an alert of perhaps another cluster leaves a GO open, as an unclear one of a domain on the same cluster', async () => {
  const { report } = happened;
  const shared = { with: ['finance'], peakTps: { low: 1, mid: 2, high: 3 } };
  const verdicts = report.verdicts.map((verdict) => ({
    ...verdict,
    decision: 'go',
    reasons: [{ code: 'proven' }],
    ...(verdict.domain === 'orders' && { shared }),
  }));
  await writeFile(file('shared.json'), JSON.stringify({ ...report, verdicts }));
  const broker = { broker: 'kafka', bootstrap: ['127.0.0.1:1'] };
  const domains = Object.fromEntries(report.verdicts.map(({ domain }) => [domain, { cluster: 'trade' }]));
  await writeFile(file('trade.yaml'), JSON.stringify({ clusters: { trade: broker }, service: { domains } }));
  const ordersWith = async (labels: Record<string, string>, ...words: string[]) => {
    const seriesOf = (query: string, start: number): Series =>
      query.startsWith('sum')
        ? [{ metric: {}, values: Array.from({ length: 60 }, (_, minute) => [start + 60 * minute, '20000']) }]
        : [
            {
              metric: { alertname: 'KafkaBrokerMissing', severity: 'critical', ...labels },
              values: start === pagesBegin ? [[begin + 600, '1']] : [],
            },
          ];
    const loads = ['--load', 'orders=sum(x)', '--load', 'finance=sum(y)', '--report', file('shared.json')];
    const { domains: all } = JSON.parse((await reviewWith(seriesOf, ...loads, '--json', ...words)).stdout);
    return all.find(({ domain }: { domain: string }) => domain === 'orders');
  };
  const ofBroker = { scope: 'broker', cluster: 'trade' };
  expect(await ordersWith(ofBroker, '--config', file('trade.yaml'))).toMatchObject({ decisionHeld: false });
  const elsewhere = await ordersWith({ ...ofBroker, cluster: 'logs' }, '--config', file('trade.yaml'));
  expect(elsewhere).toMatchObject({ decisionHeld: true });
  expect(await ordersWith(ofBroker)).not.toHaveProperty('decisionHeld');
  expect(elsewhere).toHaveProperty('safeMax');
  expect(await ordersWith({ domain: 'finance' })).not.toHaveProperty('safeMax');
});

test('an alert of a cluster with two domains is one page for both, and none for another domain', async () => {
  const broker = { broker: 'kafka', bootstrap: ['127.0.0.1:1'] };
  const clusterOf = (domain: string) => ({ cluster: domain === 'video' ? 'media' : 'trade' });
  const domains = Object.fromEntries(happened.report.verdicts.map(({ domain }) => [domain, clusterOf(domain)]));
  const clusters = { trade: broker, media: broker };
  await writeFile(file('two.yaml'), JSON.stringify({ clusters, service: { domains } }));
  const incident = { from: '2026-11-01T00:10:00Z', to: '2026-11-01T00:20:00Z', what: 'slow' };
  const troubles = ['orders', 'finance', 'video'].map((domain) => ({ domain, ...incident }));
  await writeFile(file('all-slow.yaml'), JSON.stringify({ troubles }));
  const metric = { alertname: 'KafkaBrokerMissing', severity: 'critical', cluster: 'trade' };
  const seriesOf = (_: string, start: number): Series => [
    { metric, values: start === pagesBegin ? [[begin + 600, '1']] : [] },
  ];
  const words = ['--events', file('all-slow.yaml'), '--config', file('two.yaml'), '--json'];
  const { alerts } = JSON.parse((await reviewWith(seriesOf, ...words)).stdout);
  expect(alerts).toMatchObject({ pages: 1, caught: 2, missed: 1, falsePages: [] });
  const unpaged = alerts.episodes.filter(({ pagedBy }: { pagedBy?: string }) => pagedBy === undefined);
  expect(unpaged).toMatchObject([{ domain: 'video' }]);
});

test('a series of ALERTS is split into firings at pauses of more than five minutes', () => {
  const values = Float64Array.from({ length: 30 }, (_, at) =>
    at < 3 || (at > 5 && at < 8) || at > 25 ? 1 : Number.NaN,
  );
  const labels = { alertname: 'A', severity: 'critical', domain: 'orders' };
  expect(firingsOf({ labels, values }, { fromMs: 0, toMs: 30 * 60_000 })).toEqual([
    {
      name: 'A',
      severity: 'critical',
      domain: 'orders',
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:07:00.000Z',
    },
    expect.objectContaining({ from: '1970-01-01T00:26:00.000Z', to: '1970-01-01T00:29:00.000Z' }),
  ]);
});
