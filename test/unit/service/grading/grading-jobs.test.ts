import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { createGradingJobs } from '../../../../service/grading/grading-jobs.ts';
import { alwaysLeads, type Leadership } from '../../../../service/leadership/leadership.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

/** Safe maximum 26,000 (25,000 to 27,000), and 12,000 after losing broker-a:0. */
const verdict = { kind: 'verdict', cluster: 'orders', document: measuredOrders } as const;
const plimsoll = { name: 'plimsoll', through: 'schedule' } as const;
const io = { signal: new AbortController().signal };

let clock: ReturnType<typeof createHandClock>;
let folder: ReturnType<typeof mkdtempDisposableSync>;
let history: SqliteHistory;
let seen: { at: Date; tps: number; brokers: string[] } | undefined;
let stoppedSeconds = 0;
beforeEach(() => {
  clock = createHandClock();
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-grading-'));
  history = openHistory(join(folder.path, 'ledger.sqlite'), { clock });
  seen = undefined;
  stoppedSeconds = 0;
});
afterEach(() => {
  history[Symbol.dispose]();
  folder.remove();
});

const snapshotOf = (brokers: readonly string[]) =>
  ({ cluster: { brokers: brokers.map((id) => ({ id })) }, groups: [], sections: [] }) as unknown as ClusterSnapshot;

function watching(leadership: Leadership = alwaysLeads) {
  const cluster = {
    last: () => seen && { at: seen.at, snapshot: snapshotOf(seen.brokers) },
    traffic: () =>
      seen && {
        at: seen.at,
        seconds: 60,
        produceTps: seen.tps,
        brokers: new Map(),
        topics: new Map(),
        groups: new Map(),
      },
  };
  const [job] = createGradingJobs({
    history,
    author: plimsoll,
    leadership,
    clusters: new Map([['orders', cluster]]),
    stoppedSecondsOf: () => new Map([['broker', stoppedSeconds]]),
    courses: new Map(),
  });
  return async (minutes: number, tps: number, brokers = ['broker-a:0', 'broker-b:0']) => {
    for (let turn = 0; turn < minutes; turn++) {
      clock.advance(60);
      seen = { at: clock.now(), tps, brokers };
      await job?.run(io);
    }
  };
}

const grades = () =>
  history
    .entries({ cluster: 'orders', kinds: ['grade'], limit: 10 })
    .flatMap((entry) => (entry.kind === 'grade' ? [{ ...entry.document, why: entry.why }] : []));

test('the peak of a day grades the verdict in effect, once', async () => {
  const { id } = history.append(verdict, plimsoll);
  clock.advance(23 * 3600);
  const watch = watching();
  await watch(10, 1000);
  await watch(10, 26_500);
  await watch(60, 1000);
  expect(grades()).toMatchObject([
    { of: id, event: 'natural-peak', held: true, why: 'natural-peak: no limit was exceeded' },
  ]);
  expect(grades()[0]?.actual).toBeCloseTo(26_500, 6);
});

test('a peak and a GC storm are graded once, even after their first readings are dropped', async () => {
  history.append(verdict, plimsoll);
  clock.advance(10 * 3600);
  const watch = watching();
  for (let minute = 0; minute < 40 * 60; minute++) {
    if (minute < 10) stoppedSeconds += 7;
    await watch(1, 26_500 - minute);
  }
  expect(grades().map(({ event, startedAt }) => [event, startedAt])).toEqual([
    ['natural-peak', '1970-01-02T00:00:00.000Z'],
    ['natural-peak', '1970-01-01T10:01:00.000Z'],
    ['gc-storm', '1970-01-01T10:02:00.000Z'],
  ]);
}, 60_000);

test('a GC storm longer than a day is graded once', async () => {
  history.append(verdict, plimsoll);
  const watch = watching();
  for (let minute = 0; minute < 38 * 60; minute++) {
    if (minute < 37 * 60) stoppedSeconds += 7;
    await watch(1, 11_000);
  }
  expect(grades().filter(({ event }) => event === 'gc-storm')).toHaveLength(1);
}, 60_000);

test('a peak does not grade a test that ran with a broker down', async () => {
  const { id } = history.append(verdict, plimsoll);
  const degraded = { lost: ['broker-b:0'], waitedSeconds: 3, copies: 1 };
  history.append({ kind: 'test', cluster: 'orders', document: { ...measuredOrders, degraded } }, plimsoll);
  clock.advance(23 * 3600);
  const watch = watching();
  await watch(10, 26_500);
  await watch(60, 1000);
  expect(grades()).toMatchObject([{ of: id, event: 'natural-peak' }]);
});

test('a broker restart grades the N-1 prediction once, also after Plimsoll restarts', async () => {
  history.append(verdict, plimsoll);
  const watch = watching();
  await watch(3, 11_000);
  await watch(1, 11_000, ['broker-b:0']);
  await watch(3, 11_000);
  expect(grades()).toMatchObject([{ event: 'broker-restart', predicted: { value: 12_000 }, held: true }]);
  const again = watching();
  await again(3, 11_000);
  expect(grades()).toHaveLength(1);
});

test('an event does not grade a verdict that was made after it', async () => {
  clock.advance(23 * 3600);
  const watch = watching();
  await watch(10, 26_500);
  history.append(verdict, plimsoll);
  await watch(70, 1000);
  expect(grades()).toEqual([]);
});

test('a forecast is graded at the hour that it predicted as its peak', async () => {
  const at = (hour: number) => new Date(hour * 3_600_000).toISOString();
  const peak = { tps: 2000, low: 1500, high: 2500, at: at(46), confidence: 0.8 };
  const points = [
    { at: at(46), tps: 2000, low: 1500, high: 2500 },
    { at: at(47), tps: 1000, low: 900, high: 1100 },
  ];
  const document = { horizonEndsAt: at(48), peak, points, chosen: 'seasonal' };
  history.append({ kind: 'forecast', cluster: 'orders', document }, plimsoll);
  clock.advance(45 * 3600);
  const watch = watching();
  await watch(60, 500);
  await watch(60, 3000);
  await watch(61, 500);
  expect(grades()).toMatchObject([{ event: 'natural-peak', startedAt: at(46), actual: 3000, held: false }]);
});

test('a cluster without a reading is not graded', async () => {
  const [job] = createGradingJobs({
    history,
    author: plimsoll,
    leadership: alwaysLeads,
    clusters: new Map([['orders', { last: () => undefined, traffic: () => undefined }]]),
    courses: new Map(),
  });
  expect(await job?.run(io)).toBeUndefined();
  expect(grades()).toEqual([]);
});

test('a new leader does not grade again what the previous leader graded, even if it read at other times', async () => {
  history.append(verdict, plimsoll);
  const now: { term?: number; inheritedUpTo: number } = { inheritedUpTo: 0 };
  const leader = watching();
  const next = watching({ term: () => now.term, inheritedUpTo: () => now.inheritedUpTo });
  const both = async (minutes: number, brokers?: string[]) => {
    for (let minute = 0; minute < minutes; minute++) {
      await leader(1, 11_000, brokers);
      clock.advance(-40);
      await next(1, 11_000, brokers);
      clock.advance(-20);
    }
  };
  await both(3);
  await both(1, ['broker-b:0']);
  await both(3);
  expect(grades()).toHaveLength(1);
  Object.assign(now, { term: 2, inheritedUpTo: history.revision() });
  await next(3, 11_000);
  expect(grades()).toHaveLength(1);
  await next(1, 11_000, ['broker-b:0']);
  await next(3, 11_000);
  expect(grades()).toHaveLength(2);
});
