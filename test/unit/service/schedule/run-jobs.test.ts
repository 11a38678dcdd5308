import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import { seconds } from '../../../../core/clock.ts';
import { createSchedule } from '../../../../service/schedule/run-jobs.ts';
import type { Job } from '../../../../service/schedule/schedule.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

/** Runs until the clock reaches `until`; each read of the clock advances it by a second. */
async function runUntil(
  until: number,
  jobs: readonly Job[],
  log = createLogger('silent'),
  termAt?: (second: number) => number | undefined,
) {
  const clock = createHandClock();
  const end = new AbortController();
  const schedule = createSchedule(jobs, {
    clock: {
      ...clock,
      async sleep(duration, io) {
        if (clock.monotonic() >= until) end.abort();
        // Let running jobs continue first.
        await new Promise((resolve) => setImmediate(resolve));
        await clock.sleep(duration, io);
      },
    },
    log,
    ...(termAt && { leadership: { term: () => termAt(clock.monotonic()) } }),
  });
  await schedule.run({ signal: end.signal });
  return schedule;
}

function counting(over: Partial<Job> = {}) {
  const turns: number[] = [];
  const { run = async () => undefined, ...rest } = over;
  const job: Job = {
    name: 'analysis',
    cluster: 'orders',
    every: seconds(10),
    ...rest,
    run: (io) => (turns.push(1), run(io)),
  };
  return { turns, job };
}

test('a job runs at its interval, and its state shows how it ended', async () => {
  const { job, turns } = counting({ run: async () => 'done' });
  const schedule = await runUntil(35, [job]);
  expect(turns).toHaveLength(4);
  expect(schedule.states()).toEqual([
    {
      name: 'analysis',
      cluster: 'orders',
      isRunning: false,
      lastEnd: { at: new Date(30_000), durationSeconds: 0 },
      lastSuccessAt: new Date(30_000),
    },
  ]);
});

test('a job that expects a change runs sooner, and never later than its interval', async () => {
  const { job, turns } = counting({ nextAfter: () => seconds(3) });
  await runUntil(8, [job]);
  expect(turns).toHaveLength(3);
  const late = counting({ nextAfter: () => seconds(40) });
  await runUntil(35, [late.job]);
  expect(late.turns).toHaveLength(4);
});

test('a job with fresh results waits until they expire', async () => {
  const { job, turns } = counting({ firstAfter: () => seconds(30) });
  await runUntil(25, [job]);
  expect(turns).toHaveLength(0);
});

test('jobs of one kind start at different times', async () => {
  const begun: number[] = [];
  const clock = createHandClock();
  const jobs = ['a', 'b', 'c'].map((cluster): Job => ({
    name: 'analysis',
    cluster,
    every: seconds(3600),
    run: async () => void begun.push(clock.monotonic()),
  }));
  const end = new AbortController();
  const schedule = createSchedule(jobs, {
    clock: {
      ...clock,
      async sleep(duration, io) {
        if (clock.monotonic() > 60) end.abort();
        await clock.sleep(duration, io);
      },
    },
    log: createLogger('silent'),
  });
  await schedule.run({ signal: end.signal });
  expect(begun).toEqual([0, 20, 40]);
});

test('a failing job is logged once with its error and runs again', async () => {
  const told: string[] = [];
  const log = createLogger('warn', { write: (line) => void told.push(line) });
  const { job, turns } = counting({
    run: async () => {
      throw new AppError('prometheus-refused', 'cannot ask http://p:9090: connection refused', {
        messageZh: '无法访问 http://p:9090',
      });
    },
  });
  const schedule = await runUntil(25, [job], log);
  expect(turns).toHaveLength(3);
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({ job: 'analysis', code: 'prometheus-refused', cluster: 'orders' });
  expect(schedule.states()[0]).toMatchObject({
    lastEnd: { failure: 'cannot ask http://p:9090: connection refused', failureZh: '无法访问 http://p:9090' },
  });
  expect(schedule.states()[0]).not.toHaveProperty('lastSuccessAt');
});

test('at most two heavy jobs run at once, while light jobs run in between', async () => {
  let [running, most, light] = [0, 0, 0];
  const release = Promise.withResolvers<undefined>();
  const heavy = (cluster: string): Job => ({
    name: cluster,
    every: seconds(1000),
    async run() {
      most = Math.max(most, ++running);
      await release.promise;
      running--;
      return undefined;
    },
  });
  const quick: Job = { name: 'reading', every: seconds(1), isLight: true, run: async () => void light++ };
  const ended = runUntil(20, [...['a', 'b', 'c', 'd'].map(heavy), quick]);
  setTimeout(() => release.resolve(undefined), 50);
  await ended;
  expect(most).toBe(2);
  expect(light).toBeGreaterThan(10);
});

test('a requested job runs at the next opportunity, and an unknown job cannot be requested', async () => {
  const { job, turns } = counting({ firstAfter: () => seconds(1000) });
  const schedule = createSchedule([job], { clock: createHandClock(), log: createLogger('silent') });
  expect(schedule.ask('analysis', 'nobody')).toBe(false);
  expect(schedule.ask('analysis', 'orders')).toBe(true);
  const end = new AbortController();
  const ended = schedule.run({ signal: end.signal });
  await Promise.resolve();
  end.abort();
  await ended;
  expect(turns).toHaveLength(1);
});

test('a job runs only on the leader, while a job of each instance runs everywhere', async () => {
  const { job, turns } = counting();
  const { job: reading, turns: readings } = counting({ name: 'reading', isOfEachInstance: true });
  await runUntil(35, [job, reading], createLogger('silent'), () => undefined);
  expect([turns.length, readings.length]).toEqual([0, 4]);
});

test('a new leader runs jobs that are due, and waits with jobs that the previous leader just ran', async () => {
  const { job, turns } = counting({ every: seconds(1000) });
  const { job: done, turns: again } = counting({ name: 'forecast', firstAfter: () => seconds(15) });
  const isLeader = (second: number) => (second < 10 ? undefined : 1);
  await runUntil(20, [job, done], createLogger('silent'), isLeader);
  expect([turns.length, again.length]).toEqual([1, 0]);
  await runUntil(26, [done], createLogger('silent'), isLeader);
  expect(again.length).toBe(1);
});

test('a new leader that cannot read the history runs jobs that may be due, and logs why', async () => {
  const told: string[] = [];
  const log = createLogger('warn', { write: (line) => void told.push(line) });
  let isLocked = false;
  const { job, turns } = counting({
    every: seconds(1000),
    firstAfter() {
      if (isLocked) throw new AppError('ledger-in-use', 'cannot read history file l: database is locked');
      return seconds(1000);
    },
  });
  await runUntil(20, [job], log, (second) => {
    isLocked = second >= 10;
    return isLocked ? 1 : undefined;
  });
  expect(turns).toHaveLength(1);
  expect(told.map((line) => JSON.parse(line) as object)).toMatchObject([
    {
      job: 'analysis',
      cluster: 'orders',
      code: 'ledger-in-use',
      reason: expect.stringContaining('database is locked'),
    },
  ]);
});

test('a job ends without a failure when leadership is lost, and its state is no longer shown', async () => {
  const { job: quick } = counting({ name: 'retention', every: seconds(2) });
  const { job } = counting({
    run: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  const schedule = await runUntil(20, [job, quick], createLogger('silent'), (second) => (second < 10 ? 1 : undefined));
  expect(schedule.states()).toEqual([
    { name: 'analysis', cluster: 'orders', isRunning: false },
    { name: 'retention', cluster: 'orders', isRunning: false },
  ]);
});

test('requests for a job that is already running cause no further run', async () => {
  const release = Promise.withResolvers<undefined>();
  const { job, turns } = counting({ every: seconds(1000), run: () => release.promise });
  const clock = createHandClock();
  const schedule = createSchedule([job], {
    clock: {
      ...clock,
      async sleep(duration, io) {
        await new Promise((resolve) => setImmediate(resolve));
        await clock.sleep(duration, io);
      },
    },
    log: createLogger('silent'),
  });
  const end = new AbortController();
  const ended = schedule.run({ signal: end.signal });
  expect([schedule.ask('analysis', 'orders'), schedule.ask('analysis', 'orders')]).toEqual([true, true]);
  release.resolve(undefined);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  end.abort();
  await ended;
  expect(turns).toHaveLength(1);
});
