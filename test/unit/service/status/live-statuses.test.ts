import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../../../core/log.ts';
import { AppError } from '../../../../core/errors.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { History } from '../../../../service/history/history.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createStatuses } from '../../../../service/status/live-statuses.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { operator } from '../../../support/history-entries.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-statuses-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function opened() {
  const clock = createHandClock();
  clock.advance(Date.parse('2026-07-02T00:00:00Z') / 1000);
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock });
  return { clock, history, stand: (over: History = history) => statusesOf(over, clock) };
}
const statusesOf = (history: History, clock: ReturnType<typeof createHandClock>) =>
  createStatuses(
    ['orders', 'pay'].map((name) => ({ name, broker: 'kafka', domains: [], live: () => ({ settings: {} }) })),
    { history, config: ServiceConfig.parse(undefined), clock, log: createLogger('silent') },
  );
const test1 = { kind: 'test', cluster: 'orders', document: readAnalysis('load-test') } as const;

test('an entry shows at once, whoever wrote it, and after a restart', () => {
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

test('a grade counts for its cluster only, before and after it was first asked for', () => {
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

test('a promotion that an operator set shows among the fleet', () => {
  const { history, stand } = opened();
  using _ledger = history;
  const statuses = stand();
  expect(statuses.fleet()).not.toHaveProperty('promotion');
  const after = JSON.stringify({ name: '618', from: '2026-07-01T00:00', to: '2026-07-03T00:00', timezone: 'UTC' });
  history.append({ kind: 'change', document: { what: 'promotion-set', after } }, operator);
  expect(statuses.fleet().promotion).toMatchObject({ name: '618', isOn: true });
});

test('a ledger that breaks down leaves on show what was known of it', () => {
  const { history, stand, clock } = opened();
  using _ledger = history;
  history.append(test1, operator);
  let isBroken = false;
  const statuses = stand({
    ...history,
    revision: () => {
      if (isBroken) throw new AppError('ledger-damaged', 'the ledger is damaged');
      return history.revision();
    },
    [Symbol.dispose]: () => {},
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
