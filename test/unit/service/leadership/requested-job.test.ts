import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { createRequestedJob } from '../../../../service/leadership/requested-job.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const clock = createHandClock();
const ann = { name: 'ann', through: 'page' } as const;
const io = { signal: new AbortController().signal };
let folder: ReturnType<typeof mkdtempDisposableSync>;
let history: SqliteHistory;
beforeEach(() => {
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-asked-'));
  history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
});
afterEach(() => {
  history[Symbol.dispose]();
  folder.remove();
});

function instance() {
  const done: string[] = [];
  const state: { term?: number } = {};
  const leadership = { term: () => state.term, inheritedUpTo: () => 0 };
  const job = createRequestedJob(history, leadership, (name, cluster) => done.push(`${name} ${cluster}`) > 0);
  return { done, state, turn: () => job.run(io) };
}

const askFor = (job: 'analysis' | 'forecast') =>
  history.append({ kind: 'change', cluster: 'orders', document: { what: 'analysis-asked', after: job } }, ann);

test('a job requested on any instance is done once, by the leader', async () => {
  const [leader, other] = [instance(), instance()];
  leader.state.term = 1;
  askFor('analysis');
  askFor('forecast');
  await Promise.all([leader.turn(), other.turn()]);
  await Promise.all([leader.turn(), other.turn()]);
  expect([leader.done, other.done]).toEqual([['analysis orders', 'forecast orders'], []]);
});

test('a job requested before the leader died is done by the next one, unless its result is recorded', async () => {
  const next = instance();
  askFor('analysis');
  await next.turn();
  askFor('forecast');
  await next.turn();
  history.append({ kind: 'verdict', cluster: 'orders', document: measuredOrders }, ann);
  next.state.term = 2;
  await next.turn();
  expect(next.done).toEqual(['forecast orders']);
});

test('a job requested before the start is not done again', async () => {
  askFor('analysis');
  const started = instance();
  started.state.term = 1;
  await started.turn();
  expect(started.done).toEqual([]);
});
