import { expect, test } from 'vitest';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { messagesPerSecond, ratio } from '../../../../../core/units.ts';
import { seconds } from '../../../../../core/clock.ts';
import { completeCriteria, CriteriaOptions } from '../../../../../loadgen/search/criteria/criteria-options.ts';
import { judge, shouldReject } from '../../../../../loadgen/search/criteria/judge.ts';
import { toSearchTrial } from '../../../../../loadgen/search/trial.ts';
import { SearchTrial } from '../../../../../core/documents/search-certificate.ts';
import type { ReachedLimit } from '../../../../../core/limit-judge.ts';
import type { TrialFigures } from '../../../../../loadgen/search/criteria/trial-figures.ts';

const policy = examplePolicy();
const criteria = completeCriteria(
  CriteriaOptions.parse({ p99: '50ms', p999: '200ms', endToEndP99: '1s', hosts: { iowait: '30%' } }),
  'find-safe',
  policy,
);
const latency = (p99: number, p999 = 0.1) => ({ p50: 0.01, p99, p999, max: 1 });
const figures = (over: Partial<TrialFigures>): TrialFigures => ({
  target: messagesPerSecond(1000),
  achieved: messagesPerSecond(999),
  duration: seconds(100),
  elapsed: seconds(100),
  failedMessages: 100,
  latency: latency(0.05),
  endToEnd: latency(0.9),
  backlog: Array.from({ length: 100 }, (_, second) => 50 + (second % 7)),
  lags: { billing: Array.from({ length: 100 }, (_, second) => 300 - (second % 5)) },
  drain: { took: seconds(10), left: 0 },
  hosts: [{ host: 'broker-1', resource: 'cpu', utilisation: ratio(0.7) }],
  generator: { lagP99: seconds(0.005), dropped: 0 },
  ...over,
});
const growing = (perSecond: number) => Array.from({ length: 100 }, (_, second) => 50 + perSecond * second);

test('a trial exactly at every limit passes', () => {
  expect(judge(figures({}), criteria)).toEqual({ kind: 'passed', achievedTps: 999 });
});

test.each<[Partial<TrialFigures>, object]>([
  [{ latency: latency(0.051) }, { criterion: 'p99', measured: 0.051, limit: 0.05, unit: 's' }],
  [{ latency: latency(0.05, 0.21) }, { criterion: 'p99.9', measured: 0.21, limit: 0.2, unit: 's' }],
  [{ endToEnd: latency(1.1) }, { criterion: 'end-to-end p99', measured: 1.1, limit: 1, unit: 's' }],
  [{ failedMessages: 101 }, { criterion: 'errors', measured: 0.00101, limit: 0.001, unit: 'ratio' }],
  [{ achieved: messagesPerSecond(987) }, { criterion: 'achieved', limit: 0.99, unit: 'ratio' }],
  [{ backlog: growing(6) }, { criterion: 'backlog growth', measured: 0.006, limit: 0.005, unit: 'ratio' }],
  [{ lags: { billing: growing(6) } }, { criterion: 'lag growth of billing', measured: 0.006 }],
  [
    // A fetch every fourth second leaves 40% unread: 4.2 s of messages after 15 s.
    { lags: { billing: Array.from({ length: 15 }, (_, second) => 1000 * second - 600 * (second - (second % 4))) } },
    { criterion: 'lag growth of billing', measured: expect.closeTo(0.417, 3) as number },
  ],
  [{ drain: { took: seconds(11), left: 0 } }, { criterion: 'drain', measured: 11, limit: 10, unit: 's' }],
  [{ drain: { took: seconds(10), left: 1 } }, { criterion: 'drain' }],
  [
    { hosts: [{ host: 'b', resource: 'network-out', utilisation: ratio(0.81) }] },
    { criterion: 'network-out of b', measured: 0.81, limit: 0.8, unit: 'ratio' },
  ],
  [
    { hosts: [{ host: 'b', resource: 'network-out', utilisation: ratio(0.7), peak: 0.9 }] },
    { criterion: 'network-out of b', measured: 0.9, limit: 0.8, unit: 'ratio' },
  ],
  [{ hosts: [{ host: 'b', resource: 'iowait', utilisation: ratio(0.31) }] }, { criterion: 'iowait of b', limit: 0.3 }],
])('a trial with %j fails', (over, breach) => {
  expect(judge(figures(over), criteria)).toMatchObject({ kind: 'failed', ...breach });
});

test.each([
  { duration: 12, achieved: 970, kind: 'passed' },
  { duration: 12, achieved: 969, kind: 'failed' },
  { duration: 120, achieved: 988, kind: 'passed' },
  { duration: 120, achieved: 987, kind: 'failed' },
  { duration: 2, achieved: 966, kind: 'passed' },
  { duration: 2, achieved: 965, kind: 'failed' },
])('messages of a quarter second may be in flight at the end: $achieved of 1,000 in $duration s has $kind', (row) => {
  const over = { duration: seconds(row.duration), achieved: messagesPerSecond(row.achieved), failedMessages: 0 };
  expect(judge(figures(over), criteria).kind).toBe(row.kind);
});

test.each([
  { transaction: 0.7, achieved: 960, kind: 'passed' },
  { transaction: 0.7, achieved: 958, kind: 'failed' },
  { transaction: undefined, achieved: 960, kind: 'failed' },
])('a transaction of $transaction s open at the end of 30 s is not missing: $achieved of 1,000 has $kind', (row) => {
  const over = { duration: seconds(30), achieved: messagesPerSecond(row.achieved), failedMessages: 0 };
  const its = row.transaction === undefined ? {} : { transaction: seconds(row.transaction) };
  expect(judge(figures(over), { ...criteria, ...its }).kind).toBe(row.kind);
});

test('messages in an open transaction do not count as backlog growth', () => {
  // Commits are 990 ms apart: each second finds the transaction 10 ms older.
  const aging = Array.from({ length: 30 }, (_, second) => 200 + 10 * second);
  expect(judge(figures({ backlog: aging }), criteria)).toMatchObject({ criterion: 'backlog growth' });
  const its = { ...criteria, transaction: seconds(0.7) };
  expect(judge(figures({ backlog: aging }), its).kind).toBe('passed');
  expect(judge(figures({ backlog: growing(40).slice(0, 30) }), its)).toMatchObject({ criterion: 'backlog growth' });
});

test('the cause is named before its symptoms, which are listed with it', () => {
  const hosts = [{ host: 'broker-1', resource: 'disk-io', utilisation: ratio(0.95) }] as const;
  const outcome = judge(figures({ hosts, latency: latency(3, 4), achieved: messagesPerSecond(700) }), criteria);
  expect(outcome).toMatchObject({ criterion: 'disk-io of broker-1', also: ['achieved', 'p99', 'p99.9'] });
});

test('values that were not measured are not checked', () => {
  const { target, achieved, duration, elapsed, failedMessages } = figures({});
  expect(judge({ target, achieved, duration, elapsed, failedMessages }, criteria).kind).toBe('passed');
});

test.each([
  [{ lagP99: seconds(0.03) }, 'the load generator sent late: p99 30 ms, above 20 ms'],
  [
    { lagP99: seconds(9), dropped: 1200 },
    'the load generator sent late: p99 9 s, above 20 ms, and 1,200 messages not at all',
  ],
  [{ limitedBy: 'its event loop was busy' }, 'the load generator was the limit: its event loop was busy'],
  [
    { hosts: [{ host: 'g', resource: 'cpu' as const, utilisation: ratio(0.92) }] },
    'the load generator was the limit: cpu of its host 92%',
  ],
])('a failure is excluded if the load generator caused it: %j', (generator, reason) => {
  expect(judge(figures({ latency: latency(1), generator }), criteria)).toEqual({ kind: 'excluded', reason });
});

test.each(['find-safe', 'find-max'] as const)(
  "%s: a saturated NIC of the generator excuses no failure if a broker's NIC is as saturated",
  (search) => {
    const failedWith = (utilisation: number) => {
      const [hosts, own] = [utilisation, 0.97].map((share) => [
        { host: 'h', resource: 'network-out' as const, utilisation: ratio(share) },
      ]);
      const over = { achieved: messagesPerSecond(900), hosts: hosts ?? [], generator: { hosts: own ?? [] } };
      return judge(figures(over), completeCriteria({}, search, policy)).kind;
    };
    expect(failedWith(0.96)).toBe('failed');
    expect(failedWith(0.7)).toBe('excluded');
  },
);

test('messages not sent because the broker did not respond count as its failure', () => {
  const blocked = { achieved: messagesPerSecond(600), generator: { lagP99: seconds(0.004), dropped: 900 } };
  expect(judge(figures(blocked), criteria)).toMatchObject({ kind: 'failed', criterion: 'achieved' });
  expect(judge(figures({ ...blocked, generator: { dropped: 900 } }), criteria).kind).toBe('failed');
});

test('a busy generator does not invalidate a trial that passed', () => {
  expect(judge(figures({ generator: { limitedBy: 'its CPU' } }), criteria).kind).toBe('passed');
});

test('a trial stopped by the guard has failed, even with the generator at its limit', () => {
  const violated = { kind: 'guard' } as const;
  const guard = { criterion: 'guard: free disk of broker-1', violated, measured: 0.04, limit: 0.1 };
  const outcome = judge(figures({ guard, generator: { limitedBy: 'its CPU' } }), criteria);
  expect(outcome).toMatchObject({ kind: 'failed', criterion: 'guard: free disk of broker-1' });
});

test('find-max ignores host saturation unless a limit is configured', () => {
  const hosts = [{ host: 'b', resource: 'cpu', utilisation: ratio(1) }] as const;
  expect(judge(figures({ hosts }), completeCriteria({}, 'find-max', policy)).kind).toBe('passed');
  expect(judge(figures({ hosts }), completeCriteria({ hosts: { cpu: ratio(0.9) } }, 'find-max', policy)).kind).toBe(
    'failed',
  );
});

const running = (elapsed: number, over: Partial<TrialFigures>) =>
  shouldReject(
    figures({ elapsed: seconds(elapsed), backlog: [], lags: {}, hosts: [], failedMessages: 0, ...over }),
    criteria,
  );

test('a running trial is stopped only if its remaining time cannot make it pass', () => {
  const host = (utilisation: number) => ({
    hosts: [{ host: 'b', resource: 'cpu' as const, utilisation: ratio(utilisation) }],
  });
  expect(running(50, host(1))).toBeUndefined();
  expect(running(80, host(1))).toMatchObject({ criterion: 'cpu of b' });
  expect(running(10, { failedMessages: 100 })).toBeUndefined();
  expect(running(10, { failedMessages: 101 })).toMatchObject({ criterion: 'errors' });
  expect(running(50, { achieved: messagesPerSecond(10) })).toBeUndefined();
});

test('a running trial is stopped once too many messages are late for its percentiles to recover', () => {
  const slow = { p50: 3, p99: 4, p999: 5, max: 5 };
  expect(running(1, { latency: latency(3) })).toBeUndefined();
  expect(running(2, { endToEnd: slow })).toBeUndefined();
  expect(running(3, { endToEnd: slow })).toMatchObject({ criterion: 'end-to-end p99', measured: 4, limit: 1 });
  expect(running(3, { latency: slow })).toMatchObject({ criterion: 'p99', also: ['p99.9'] });
  expect(running(11, { latency: latency(0.25) })).toMatchObject({ criterion: 'p99.9', limit: 0.2 });
  expect(running(99, { latency: latency(0.15) })).toBeUndefined();
});

test('a running trial is stopped if its backlog clearly grows, but not before it settles', () => {
  expect(running(11, { backlog: growing(50).slice(0, 11) })).toBeUndefined();
  expect(running(13, { backlog: growing(50).slice(0, 13) })).toMatchObject({
    criterion: 'backlog growth',
    measured: 0.05,
  });
  const settling = Array.from({ length: 30 }, (_, second) => (second < 2 ? second * 500 : 1000));
  expect(running(30, { backlog: settling })).toBeUndefined();
});

test('a running trial is excluded rather than failed if the generator is at fault', () => {
  expect(running(20, { backlog: growing(50).slice(0, 20), generator: { lagP99: seconds(1) } })).toMatchObject({
    kind: 'excluded',
  });
});

test('a failure lists nearly saturated resources, highest first, and a pass does not', () => {
  const hosts: TrialFigures['hosts'] = [
    { host: 'b', resource: 'cpu', utilisation: ratio(0.89) },
    { host: 'b', resource: 'network-in', utilisation: ratio(0.9) },
    { host: 'b', resource: 'network-out', utilisation: ratio(0.98), peak: 0.99 },
  ];
  const loose = { ...criteria, hosts: {} };
  expect(judge(figures({ hosts, latency: latency(1) }), loose)).toMatchObject({
    criterion: 'p99',
    full: [{ resource: 'network-out', utilisation: 0.98 }, { resource: 'network-in' }],
  });
  const trial = { rate: messagesPerSecond(1000), duration: seconds(100), purpose: 'rise' as const };
  const recorded = toSearchTrial({ trial, outcome: judge(figures({ hosts, latency: latency(1) }), loose) });
  expect(SearchTrial.parse(recorded)).toEqual(recorded);
  expect(judge(figures({ hosts }), loose)).toEqual({ kind: 'passed', achievedTps: 999 });
});

const quota: ReachedLimit = {
  limit: { resource: 'produce-quota', node: '1' },
  measured: 0.34,
  bound: 0.05,
  unit: 'ratio',
  detail: 'throttled 34% of the time',
};

test('find-safe stops at a limit inside a broker and names it', () => {
  expect(judge(figures({ reached: quota }), criteria)).toMatchObject({
    kind: 'failed',
    criterion: 'produce-quota of broker 1',
    measured: 0.34,
    limit: 0.05,
    limitedBy: { resource: 'produce-quota', node: '1' },
    detail: 'throttled 34% of the time',
  });
});

test('find-max continues past a limit inside a broker and names it once a criterion fails', () => {
  const most = completeCriteria({}, 'find-max', policy);
  expect(judge(figures({ reached: quota }), most).kind).toBe('passed');
  expect(judge(figures({ reached: quota, achieved: messagesPerSecond(900) }), most)).toMatchObject({
    criterion: 'achieved',
    limitedBy: { resource: 'produce-quota', node: '1' },
  });
});

test('a limit reported by the broker counts even with a late generator; a busy host does not', () => {
  const late = { limitedBy: 'its CPU' };
  expect(judge(figures({ reached: quota, generator: late }), criteria).kind).toBe('failed');
  const cpu: ReachedLimit = { ...quota, limit: { resource: 'cpu', node: '1' } };
  expect(judge(figures({ reached: cpu, generator: late }), criteria).kind).toBe('passed');
  expect(judge(figures({ reached: cpu, generator: late, latency: latency(1) }), criteria).kind).toBe('excluded');
});

test('a busy CPU explains latency, but not the use of memory', () => {
  const reached: ReachedLimit = { ...quota, limit: { resource: 'cpu', node: '1' } };
  const limits = { ...criteria, hosts: { memory: ratio(0.9) } };
  const hosts: TrialFigures['hosts'] = [{ host: 'broker-1', resource: 'memory', utilisation: ratio(0.95) }];
  expect(judge(figures({ reached, latency: latency(1) }), limits)).toMatchObject({ limitedBy: reached.limit });
  const outcome = judge(figures({ reached, hosts }), limits);
  expect(outcome).toMatchObject({ kind: 'failed', criterion: 'memory of broker-1' });
  expect(outcome).not.toHaveProperty('limitedBy');
});

test('a running trial is stopped once a limit applies even if its rest is free of it', () => {
  expect(running(10, { reached: quota })).toBeUndefined();
  expect(running(14, { reached: quota })).toBeUndefined();
  expect(running(15, { reached: quota })).toMatchObject({ criterion: 'produce-quota of broker 1' });
  // Readings of the first 14 s do not cover the seconds since.
  expect(running(15, { reached: quota, reachedWithin: seconds(14) })).toBeUndefined();
});

test('a running trial is not stopped for a few busy seconds that the p99 of the whole trial may leave out', () => {
  const handlers = { ...quota, limit: { resource: 'request-handlers', node: '1' }, measured: 1, bound: 0.7 } as const;
  expect(running(99, { reached: { ...handlers, mean: 0.3 } })).toBeUndefined();
  expect(running(99, { reached: { ...handlers, mean: 0.72 } })).toMatchObject({ measured: 1 });
});

test('neither iowait nor memory of a broker excuses a load generator at its limit, or is named as saturated', () => {
  const hosts: TrialFigures['hosts'] = [
    { host: 'b', resource: 'iowait', utilisation: ratio(0.95) },
    { host: 'b', resource: 'memory', utilisation: ratio(0.95) },
  ];
  const generator = { hosts: [{ host: 'g', resource: 'cpu' as const, utilisation: ratio(0.92) }] };
  const loose = { ...criteria, hosts: {} };
  expect(judge(figures({ hosts, generator, latency: latency(1) }), loose).kind).toBe('excluded');
  expect(judge(figures({ hosts, latency: latency(1) }), loose)).not.toHaveProperty('full');
});
