import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../core/clock.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
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

test.each(['en', 'zh'])('the review in %s as Markdown', async (language) => {
  const { exitCode, stdout, stderr } = await review(...inputs(), '--lang', language);
  expect([exitCode, stderr]).toEqual([0, '']);
  await expect(stdout).toMatchFileSnapshot(`../../../golden/promotion-review-${language}.md`);
});

test('as one JSON document, and as a page', async () => {
  const { stdout } = await review(...inputs(), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, held: { graded: 2, held: 2 } });
  const page = await review(...inputs(), '--format', 'html');
  expect(page.stdout).toContain('<title>Review: Double 11 2026</title>');
});

test('days are those of --timezone', async () => {
  const of = async (...words: string[]) => JSON.parse((await review(...inputs(), '--json', ...words)).stdout).promotion;
  expect(await of('--timezone', 'Asia/Shanghai')).toMatchObject({
    from: '2026-10-31T16:00:00.000Z',
    to: '2026-11-12T15:59:59.999Z',
  });
  // Its clocks are set back on that day, which has 25 hours.
  const longDay = ['--from', '2026-11-01', '--to', '2026-11-01', '--timezone', 'America/New_York'];
  expect(await of(...longDay)).toMatchObject({ from: '2026-11-01T04:00:00.000Z', to: '2026-11-02T04:59:59.999Z' });
});

test('report and grades are taken from the ledger', async () => {
  const clock = { ...systemClock, now: () => new Date('2026-11-11T12:00:00Z') };
  using history = openHistory(file('ledger.sqlite'), { clock });
  const by = { name: 'plimsoll', through: 'schedule' } as const;
  history.append({ kind: 'report', document: happened.report }, by);
  history.append({ kind: 'report', document: { ...happened.report, promotion: { name: '618' } } }, by);
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
  expect(JSON.parse(stdout)).toMatchObject({ grades: { graded: 2, held: 1 }, held: { graded: 2, held: 2 } });
  const other = await runWords('review', '--promotion', 'Double 12', ...words);
  expect([other.exitCode, JSON.parse(other.stdout).error.message]).toEqual([
    2,
    'the history has no report of Double 12',
  ]);
});

test('nothing put to the test is exit code 3', async () => {
  await writeFile(file('quiet.yaml'), '{}');
  expect((await review('--events', file('quiet.yaml'))).exitCode).toBe(3);
});

test.each<[string, string[], string]>([
  ['nothing to hold it against', [], 'review has nothing to compare the report with'],
  ['a domain the report has not', ['--history', 'order=/dev/null'], 'the report has no domain order'],
  ['an expression without a server', ['--load', 'orders=up', '--events', 'x'], '--prometheus is missing'],
  ['an address that is none', ['--prometheus', 'prometheus:9090'], '--prometheus prometheus:9090:'],
  ['an end before the beginning', ['--events', 'x', '--from', '2026-11-12', '--to', '2026-11-01'], 'before it begins'],
  ['a zone that is none', ['--events', 'x', '--timezone', 'Mars'], 'is not a time zone'],
  ['a format nobody wrote', ['--events', 'x', '--format', 'xlsx'], '--format: "xlsx" is not one of md, html'],
])('%s is said', async (_, words, message) => {
  const { exitCode, stderr } = await review(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('the report of another promotion is not scored', async () => {
  const { exitCode, stderr } = await runWords('review', '--promotion', '618', '--report', file('report.json'));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is the report of Double 11 2026, not of 618')]);
});

test('a series of ALERTS is as many firings as it has pauses of more than five minutes', () => {
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
