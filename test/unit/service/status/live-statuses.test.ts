import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { createLogger } from '../../../../core/log.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import { AppError } from '../../../../core/errors.ts';
import type { NewHistoryEntry } from '../../../../core/documents/history-entry.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { History } from '../../../../service/history/history.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createStatuses } from '../../../../service/status/live-statuses.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { operator } from '../../../support/history-entries.ts';
import { plainRun } from '../../../support/load-test-run.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-statuses-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function opened() {
  const clock = createHandClock();
  clock.advance(Date.parse('2026-07-02T00:00:00Z') / 1000);
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock });
  return { clock, history, stand: (over: Partial<History> = {}) => statusesOf({ ...history, ...over }, clock) };
}
/** @param read receives the number of entries in each result */
const counting = (history: History, read: (entries: number) => void): Partial<History> => ({
  entries(query) {
    const entries = history.entries(query);
    read(entries.length);
    return entries;
  },
});
const statusesOf = (history: History, clock: ReturnType<typeof createHandClock>) =>
  createStatuses(
    ['orders', 'pay'].map((name) => ({ name, broker: 'kafka', domains: [], live: () => ({ settings: {} }) })),
    { history, config: ServiceConfig.parse(undefined), clock, log: createLogger('silent') },
  );
const test1 = { kind: 'test', cluster: 'orders', document: readAnalysis('load-test') } as const;

test('a new entry is visible at once, even if another process wrote it, and after a restart', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  const statuses = stand();
  expect(statuses.cluster('orders')).not.toHaveProperty('verdict');
  using other = openHistory(join(folder, 'ledger.sqlite'), { clock });
  other.append(test1, operator);
  expect(statuses.cluster('orders')?.verdict).toMatchObject({
    entry: 1,
    kind: 'test',
    at: '2026-07-01T09:32:08.400Z',
  });
  expect(stand().fleet()).toEqual(statuses.fleet());
});

/** As found by analyses of production every six hours. */
const verdict = (safeMaxTps: Analysis['safeMaxTps']): NewHistoryEntry => ({
  kind: 'verdict',
  cluster: 'orders',
  document: { ...readAnalysis('readings'), safeMaxTps },
});
const interval = { low: 90_000, high: 110_000, confidence: 0.9 };
const limitedBy = { resource: 'network-out', node: 'broker-a:0' } as const;
const predicted = verdict({ kind: 'predicted', tps: 100_000, estimateTps: 100_000, interval, limitedBy });
const atLeast = (tps: number) => verdict({ kind: 'at-least', tps, reason: 'no-limit-reached' });

test('a maximum stays in effect for its validity despite later weaker verdicts, also after a restart', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  const hours = (count: number) => clock.advance(count * 3600);
  const statuses = stand();
  statuses.fleet();
  history.append(predicted, operator);
  for (let turn = 0; turn < 60; turn++) {
    hours(6);
    history.append(atLeast(30_000 + turn), operator);
    statuses.fleet();
  }
  for (const each of [statuses, stand()]) {
    expect(each.cluster('orders')?.safeMaxTps).toMatchObject({ kind: 'predicted', tps: 100_000 });
  }
  hours(15 * 24 + 1);
  for (const each of [statuses, stand()]) {
    expect(each.cluster('orders')?.safeMaxTps).toMatchObject({ kind: 'at-least', tps: 30_059 });
  }
});

test('a test in which throughput stopped growing below an earlier maximum takes effect', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  const statuses = stand();
  history.append(predicted, operator);
  expect(statuses.cluster('orders')?.safeMaxTps).toMatchObject({ kind: 'predicted', tps: 100_000 });
  clock.advance(10 * 24 * 3600);
  const run = plainRun({
    rates: [20_000, 40_000, 58_000, 75_000, 90_000],
    linkBytesPerSecond: 1e9,
    carried: (rate) => Math.min(1, 65_000 / rate),
  });
  const startedAt = '2026-07-11T23:00:00.000Z';
  const document = analyzeRun({ ...run, document: { ...run.document, startedAt } }, examplePolicy());
  // As `plimsoll history add verdict.json` adds a verdict: the service finds it among all other verdicts.
  history.append({ kind: 'verdict', cluster: 'orders', document }, operator);
  const found = { kind: 'at-least', tps: 58_000, reason: 'limit-cause-unknown', ceiling: { tps: 65_000 } };
  for (let turn = 0; turn < 30; turn++) {
    clock.advance(6 * 3600);
    history.append(atLeast(30_000 + turn), operator);
  }
  for (const each of [statuses, stand()]) expect(each.cluster('orders')?.safeMaxTps).toMatchObject(found);
  history.append(predicted, operator);
  for (const each of [statuses, stand()]) expect(each.cluster('orders')?.safeMaxTps).toMatchObject({ tps: 100_000 });
});

test.each([
  ['without a maximum', [], { kind: 'at-least', tps: 30_114 }],
  ['with a maximum before them', [predicted], { kind: 'predicted', tps: 100_000 }],
])('at startup only the newest of many weaker verdicts %s are read', (_, maxima, inForce) => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  for (const maximum of maxima) history.append(maximum, operator);
  for (let turn = 0; turn < 115; turn++) {
    clock.advance(6 * 3600);
    history.append(atLeast(30_000 + turn), operator);
  }
  let read = 0;
  const statuses = stand(counting(history, (entries) => (read += entries)));
  expect(statuses.cluster('orders')?.safeMaxTps).toMatchObject(inForce);
  expect(read).toBe(20 + maxima.length);
});

test('a valid verdict is found behind weeks without a result, and after it expires the weaker one applies', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  history.append(predicted, operator);
  for (const weaker of [atLeast(30_000), verdict({ kind: 'unknown', missing: [] })]) {
    for (let turn = 0; turn < 30; turn++) {
      clock.advance(6 * 3600);
      history.append(weaker, operator);
    }
  }
  const statuses = stand();
  expect(statuses.cluster('orders')?.safeMaxTps).toMatchObject({ kind: 'predicted' });
  clock.advance(15 * 24 * 3600 + 1);
  for (const each of [statuses, stand()]) {
    expect(each.cluster('orders')?.safeMaxTps).toMatchObject({ kind: 'at-least', tps: 30_000 });
  }
});

test('a verdict measured with a broker down never takes effect', () => {
  const { history, stand } = opened();
  using _ledger = history;
  const statuses = stand();
  const degraded = { lost: ['2'], waitedSeconds: 3, copies: 2 };
  history.append({ ...test1, document: { ...test1.document, degraded } }, operator);
  for (const each of [statuses, stand()]) expect(each.cluster('orders')).not.toHaveProperty('verdict');
  history.append(atLeast(30_000), operator);
  for (const each of [statuses, stand()]) expect(each.cluster('orders')?.verdict).toMatchObject({ entry: 2 });
});

test('years of logins are not read when the service starts', () => {
  const { history, stand } = opened();
  using _ledger = history;
  const after = JSON.stringify({ name: '618', from: '2026-07-01T00:00', to: '2026-07-03T00:00', timezone: 'UTC' });
  history.append({ kind: 'change', document: { what: 'promotion-set', after } }, operator);
  const until = '2026-07-02T04:00:00.000Z';
  const subject = 'state:near';
  history.append({ kind: 'change', cluster: 'orders', document: { what: 'acknowledged', subject, until } }, operator);
  {
    using database = new DatabaseSync(join(folder, 'ledger.sqlite'));
    database.exec(`
      WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO entry (at_ms, kind, author, through, document)
      SELECT ${Date.parse('2026-07-01T12:00:00Z')}, 'change', 'unknown', 'page', '{"what":"login-failed"}' FROM n`);
  }
  let read = 0;
  const statuses = stand(counting(history, (entries) => (read += entries)));
  expect(statuses.fleet().promotion).toMatchObject({ name: '618' });
  expect(statuses.cluster('orders')?.acknowledged).toMatchObject([{ subject }]);
  expect(read).toBe(2);
});

test('a grade counts for its own cluster only, both before and after the first request', () => {
  const { history, stand } = opened();
  using _ledger = history;
  const grade = (held: boolean, cluster = 'orders') =>
    history.append(
      {
        kind: 'grade',
        cluster,
        document: {
          of: 1,
          event: 'natural-peak',
          startedAt: '2026-07-01T00:00:00Z',
          endedAt: '2026-07-01T01:00:00Z',
          predicted: { value: 1, unit: 'messages/s' },
          actual: 1,
          held,
        },
      },
      operator,
    );
  grade(true);
  const statuses = stand();
  expect(statuses.cluster('orders')?.trust).toEqual({ graded: 1, held: 1 });
  grade(false);
  grade(true, 'pay');
  expect(statuses.cluster('orders')?.trust).toEqual({ graded: 2, held: 1 });
  expect(statuses.cluster('pay')?.trust).toEqual({ graded: 1, held: 1 });
});

test('a promotion set by an operator is shown for the fleet', () => {
  const { history, stand } = opened();
  using _ledger = history;
  const statuses = stand();
  expect(statuses.fleet()).not.toHaveProperty('promotion');
  const after = JSON.stringify({ name: '618', from: '2026-07-01T00:00', to: '2026-07-03T00:00', timezone: 'UTC' });
  history.append({ kind: 'change', document: { what: 'promotion-set', after } }, operator);
  expect(statuses.fleet().promotion).toMatchObject({ name: '618', isOn: true });
});

test('a history that breaks keeps the last known status visible', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  history.append(test1, operator);
  let isBroken = false;
  const statuses = stand({
    revision: () => {
      if (isBroken) throw new AppError('ledger-damaged', 'the ledger is damaged');
      return history.revision();
    },
  });
  const before = statuses.cluster('orders')?.safeMaxTps;
  isBroken = true;
  clock.advance(10);
  expect(statuses.cluster('orders')?.safeMaxTps).toEqual(before);
  expect(before).toBeDefined();
});

test('a cluster that is not configured has no status', () => {
  const { history, stand } = opened();
  using _ledger = history;
  expect(stand().cluster('nobody')).toBeUndefined();
});
