import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { watchSeconds, type SecondLimits } from '../../../../loadgen/guard/watched-seconds.ts';
import { createLatencyRecorder } from '../../../../loadgen/record/latency.ts';

type Produced = Extract<JournalLine, { kind: 'produced' }>;

const histogram = (...seconds: number[]) => {
  const recorder = createLatencyRecorder();
  for (const each of seconds) recorder.record(each);
  return recorder.take();
};
const produced = (second: number, over: Partial<Produced> = {}): Produced => ({
  kind: 'produced',
  elapsedSeconds: second + 1,
  intervalSeconds: 1,
  worker: 'producer-0',
  intended: 100,
  sent: 100,
  acknowledged: 100,
  failed: 0,
  requests: 1,
  bytes: 0,
  latency: histogram(0.01),
  sendDelay: histogram(),
  eventLoopUtilisation: 0,
  eventLoopDelayMaxSeconds: 0,
  cpuSeconds: 0,
  ...over,
});
const consumed = (group: string, messages: number, second = 0): JournalLine => ({
  kind: 'consumed',
  elapsedSeconds: second + 1,
  intervalSeconds: 1,
  worker: group,
  group,
  messages,
  bytes: 0,
  endToEnd: histogram(),
  negativeSamples: 0,
  eventLoopUtilisation: 0,
  cpuSeconds: 0,
});
const watchOf = (limits: Partial<SecondLimits>) =>
  watchSeconds({ maxTps: 1000, groups: [], errors: undefined, p99: undefined, lagMessages: undefined, ...limits });
const breachesOf = (limits: Partial<SecondLimits>, ...lines: JournalLine[]) => watchOf(limits).add(lines);

test('a second without samples breaks no limit', () =>
  expect(breachesOf({ p99: undefined }, produced(0), produced(1))).toEqual([]));

test('sums the workers of a second before checking limits', () => {
  const over = produced(0, { sent: 600, worker: 'producer-1' });
  expect(breachesOf({}, produced(0, { sent: 600 }), over)).toEqual([]);
  expect(breachesOf({}, produced(0, { sent: 600 }), over, produced(1))).toEqual([
    expect.objectContaining({ input: 'maxTps', value: 1200, limit: 1000, ends: 'run' }),
  ]);
});

test('counts failed sends as a share of all completed sends', () =>
  expect(breachesOf({ errors: 0.05 as never }, produced(0, { acknowledged: 90, failed: 10 }), produced(1))).toEqual([
    expect.objectContaining({ input: 'errors', value: 0.1, ends: 'trial' }),
  ]));

test('computes the percentile over the samples of all workers', () => {
  const slow = produced(0, { latency: histogram(...Array.from({ length: 5 }, () => 2)), worker: 'producer-1' });
  const fast = produced(0, { latency: histogram(...Array.from({ length: 95 }, () => 0.001)) });
  expect(breachesOf({ p99: 1 as never }, fast, slow, produced(1))[0]).toMatchObject({ input: 'p99', limit: 1 });
});

test.each([
  ['an open loop', 100],
  ['a closed loop', 0],
])('in %s, brokers that stop responding break the p99 limit once messages have waited longer', (_, intended) => {
  const watch = watchOf({ p99: 2 as never });
  const silent = { acknowledged: 0, latency: histogram() };
  const breaches = [0, 1, 2, 3, 4, 5].map((second) =>
    watch.add([
      produced(second, second < 2 ? {} : second === 2 ? silent : { ...silent, intended, sent: 0, requests: 0 }),
    ]),
  );
  expect(breaches.flat()).toEqual([]);
  expect(watch.complete()).toEqual([expect.objectContaining({ input: 'p99', value: 3, limit: 2, ends: 'trial' })]);
});

test('a second in which no message was due or waiting breaks no p99 limit', () => {
  const rare = { intended: 1, sent: 1, acknowledged: 1 };
  const late = { ...rare, acknowledged: 0, latency: histogram() };
  const answered = { intended: 0, sent: 0, acknowledged: 1 };
  const pause = { intended: 0, sent: 0, acknowledged: 0, requests: 0, latency: histogram() };
  const each = [rare, pause, pause, pause, late, answered, pause, pause, rare, pause];
  const lines = each.map((over, second) => produced(second, over));
  expect(breachesOf({ p99: 0.5 as never }, ...lines)).toEqual([]);
});

test('failed sends count as responses: they break no p99 limit, and the wait starts after the last one', () => {
  const watch = watchOf({ p99: 2 as never });
  const failing = { acknowledged: 0, failed: 100, latency: histogram() };
  const silent = { acknowledged: 0, latency: histogram() };
  const breaches = Array.from({ length: 14 }, (_, second) =>
    watch.add([produced(second, second < 2 ? {} : second < 10 ? failing : silent)]),
  );
  expect(breaches.flat()).toEqual([]);
  const reason = 'no message was answered for 3 s; the p99 limit is 2 s';
  expect(watch.complete()).toEqual([expect.objectContaining({ input: 'p99', value: 3, reason })]);
});

test('lag is what the slowest group has not read', () => {
  const limits = { lagMessages: 50, groups: ['a', 'b'] };
  expect(breachesOf(limits, consumed('a', 100), consumed('b', 40), produced(0), produced(1))).toEqual([
    expect.objectContaining({ input: 'lagMessages', value: 60 }),
  ]);
});

test('messages that a group read twice hide its lag only temporarily', () => {
  const watch = watchOf({ lagMessages: 500, groups: ['a'] });
  const read = (second: number) => (second >= 20 ? 0 : second === 10 ? 50_100 : 100);
  const breaches = Array.from({ length: 29 }, (_, second) =>
    watch.add([consumed('a', read(second), second), produced(second)]),
  );
  expect(breaches.slice(0, 25).flat()).toEqual([]);
  expect(breaches.at(-1)).toEqual([expect.objectContaining({ input: 'lagMessages' })]);
});

test('failed messages that were stored and read hide the lag of a group only temporarily', () => {
  const watch = watchOf({ lagMessages: 500, groups: ['a'] });
  const failing = { acknowledged: 0, failed: 100, latency: histogram() };
  const breaches = Array.from({ length: 37 }, (_, second) =>
    watch.add([
      consumed('a', second < 30 ? 100 : 0, second),
      produced(second, second >= 10 && second < 20 ? failing : {}),
    ]),
  );
  expect(breaches.slice(0, 36).flat()).toEqual([]);
  expect(breaches.at(-1)).toEqual([expect.objectContaining({ input: 'lagMessages', value: 600 })]);
});

test('messages in flight on a lost worker hide the lag of a group only temporarily', () => {
  const watch = watchOf({ lagMessages: 500, groups: ['a'] });
  const inFlight = produced(10, { worker: 'producer-1', sent: 800, acknowledged: 0, latency: histogram() });
  const reason = 'worker east is lost';
  const lost = { kind: 'worker-lost', elapsedSeconds: 14.5, worker: 'producer-1', reason, share: 'moved' } as const;
  const breaches = Array.from({ length: 37 }, (_, second) =>
    watch.add([
      consumed('a', second >= 30 ? 0 : second === 11 ? 900 : 100, second),
      produced(second),
      ...(second === 10 ? [inFlight] : second === 14 ? [lost] : []),
    ]),
  );
  expect(breaches.slice(0, 36).flat()).toEqual([]);
  expect(breaches.at(-1)).toEqual([expect.objectContaining({ input: 'lagMessages', value: 600 })]);
});

test('a worker that reports three seconds late causes no false lag', () => {
  const watch = watchOf({ lagMessages: 50, groups: ['a'] });
  const late = (second: number) => produced(second, { worker: 'producer-1' });
  for (let second = 0; second < 30; second++) {
    const others = second === 13 ? [10, 11, 12, 13] : second >= 10 && second < 13 ? [] : [second];
    expect(watch.add([consumed('a', 200, second), produced(second), ...others.map(late)])).toEqual([]);
  }
  expect(watch.complete()).toEqual([]);
});

test('two intervals of a worker that end in the same second count as a rate', () => {
  // A load that began at half a second: the midpoints of its intervals are near whole seconds.
  const first = produced(0, { elapsedSeconds: 3.503, intervalSeconds: 1.002, sent: 900 });
  const second = produced(0, { elapsedSeconds: 4.494, intervalSeconds: 0.991, sent: 900 });
  expect(breachesOf({}, first, second, produced(5))).toEqual([]);
});

test('a late report is not added to the next second', () => {
  const late = (second: number) => produced(second, { worker: 'producer-1', sent: 500 });
  expect(breachesOf({}, produced(0, { sent: 500 }), produced(1, { sent: 500 }), late(0), late(1), produced(2))).toEqual(
    [],
  );
});

test('a burst in a short interval counts as a number of messages, not as a rate', () => {
  const short = produced(0, { elapsedSeconds: 0.2, intervalSeconds: 0.2, sent: 400 });
  expect(breachesOf({}, short, produced(1))).toEqual([]);
});

test('the last second of a load is checked without a following report, and only once', () => {
  const watch = watchOf({});
  expect(watch.add([produced(0), produced(1, { sent: 1200 })])).toEqual([]);
  expect(watch.complete()).toMatchObject([{ input: 'maxTps', value: 1200 }]);
  expect(watch.complete()).toEqual([]);
  expect(watch.add([produced(2)])).toEqual([]);
});
