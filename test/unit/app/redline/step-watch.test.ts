import { expect, test } from 'vitest';
import { createStepWatch, type StepWatchParts } from '../../../../app/redline/step-watch.ts';
import type { LiveReading } from '../../../../ops/redline/live-load.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';

const reading = (leaders: readonly (string | undefined)[], brokers = ['1', '2', '3']): LiveReading => ({
  atSeconds: 1,
  brokers,
  topics: ['orders'],
  ends: new Map(),
  takers: new Map(),
  layout: new Map(
    leaders.map((leader, partition) => [
      `orders-${partition}`,
      leader === undefined ? 'has no leader' : `is led by broker ${leader}`,
    ]),
  ),
  loadSince: () => {
    throw new Error('the watch needs no rates');
  },
});

interface Seen {
  uses: Record<string, number>;
  lags: Record<string, number[]>;
  behind: number | undefined;
  p99: number | undefined;
}

const canary = (p99: (window: number) => number | undefined, reason?: string) => ({
  take: () => '',
  p99,
  reason: () => reason,
  async [Symbol.asyncDispose]() {},
});

const recorderAt = (elapsed: number): StepWatchParts['recorder'] => ({
  recentUses: () => new Map(),
  lagSince: () => new Map(),
  underReplicated: () => 0,
  elapsed: () => elapsed,
});

function watched(over: Partial<StepWatchParts> = {}, seen: Partial<Seen> = {}) {
  const now: Seen = { uses: {}, lags: {}, behind: 0, p99: undefined, ...seen };
  const watch = createStepWatch({
    recorder: {
      recentUses: () => new Map(Object.entries(now.uses)),
      lagSince: () => new Map(Object.entries(now.lags)),
      underReplicated: () => now.behind,
      elapsed: () => 20,
    },
    broker: '1',
    policy: readDefaultPolicy(),
    guard: {},
    maxNicShare: 1,
    clusterTps: 1000,
    groupTps: new Map(),
    breach: () => undefined,
    ...over,
  });
  watch.expect(reading(['1', '2', '3']));
  return { watch, now, look: (next = reading(['1', '2', '3'])) => watch.look(next, 0) };
}

test('a step within all limits continues', () => {
  const { look, watch } = watched(
    {},
    { uses: { 'network-out': 0.79, cpu: 0.69 }, lags: { readers: [5, 4, 6, 5, 5, 4] } },
  );
  expect(look()).toBeUndefined();
  expect(watch.growingLag(0)).toBeUndefined();
});

test('a leader moved by others ends the redline', () => {
  expect(watched().look(reading(['1', '3', '3']))).toMatchObject({
    code: 'cluster-changed',
    message: 'orders-1 is led by broker 3, not changed by this redline',
  });
  expect(watched().look(reading(['1', undefined, '3']))?.message).toContain('orders-1 has no leader');
  expect(watched().look(reading(['1', '2']))?.message).toBe('orders-2 was deleted');
});

test('a broker that leaves, or a replica that falls out of sync, ends the redline', () => {
  expect(watched().look(reading(['1', '2', '3'], ['1', '2']))).toMatchObject({
    code: 'cluster-changed',
    message: 'broker 3 left the cluster',
  });
  const { now, look } = watched();
  now.behind = 4;
  expect(look()?.message).toBe('4 partitions are under-replicated');
});

test('use above the policy ends the redline, as does network use above the share that the owner allows', () => {
  const { look } = watched({}, { uses: { 'network-out': 0.81 } });
  expect(look()).toMatchObject({ code: 'limit', input: 'network-out', value: 0.81, limit: 0.8 });
  expect(watched({ maxNicShare: 0.5 }, { uses: { 'network-out': 0.51 } }).look()).toMatchObject({ limit: 0.5 });
  expect(watched({}, { uses: { cpu: 0.71 } }).look()).toMatchObject({ input: 'cpu', limit: 0.7 });
});

test('a guard rule ends the redline with its reason', () => {
  const breach = { input: 'disk queue', reason: 'disk queue is 9, above 5', value: 9, limit: 5, ends: 'run' as const };
  expect(watched({ breach: () => breach }).look()).toMatchObject({ code: 'guard', message: breach.reason });
});

test('the lag of any group ends the redline: by messages, by time, and by growth within a step', () => {
  const policy = { ...readDefaultPolicy(), slo: { lagTime: { value: 10, source: 'this test' } } };
  expect(watched({ policy }, { lags: { readers: [10_001] } }).look()).toMatchObject({
    code: 'slo',
    input: 'lag of readers',
    limit: 10,
  });
  expect(watched({ guard: { lagMessages: 100 } }, { lags: { readers: [101] } }).look()).toMatchObject({ limit: 100 });
  const { watch } = watched({}, { lags: { readers: Array.from({ length: 20 }, (_, second) => 100 * second) } });
  expect(watch.growingLag(0)).toMatchObject({ code: 'slo', message: 'the lag of group readers grows' });
});

test('time lag and growth of a group are computed with the traffic that it reads', () => {
  const policy = { ...readDefaultPolicy(), slo: { lagTime: { value: 10, source: 'this test' } } };
  const groupTps = new Map([['readers', 20]]);
  const staying = (lag: number) => Array.from({ length: 11 }, () => lag);
  expect(watched({ policy, groupTps }, { lags: { readers: staying(200) } }).look()).toBeUndefined();
  expect(watched({ policy, groupTps }, { lags: { readers: staying(201) } }).look()).toMatchObject({
    message: 'the lag of group readers is 10.1 s, above the SLO of 10 s',
  });
  const burst = [...staying(5), 900, 600, 300, 5];
  expect(watched({ policy, groupTps }, { lags: { readers: burst.slice(0, -1) } }).look()).toBeUndefined();
  const lags = { readers: Array.from({ length: 60 }, (_, second) => 11 * second) };
  expect(watched({}, { lags }).watch.growingLag(0)).toBeUndefined();
  expect(watched({ groupTps }, { lags }).watch.growingLag(0)).toMatchObject({ input: 'lag of readers' });
});

test('slow writes end the redline: above the SLO, and above three times the first step', () => {
  const policy = { ...readDefaultPolicy(), slo: { publishLatencyP99: { value: 0.05, source: 'this test' } } };
  expect(watched({ policy, canary: canary(() => 0.06) }).look()).toMatchObject({ code: 'slo', limit: 0.05 });
  let p99 = 0.04;
  const { watch, look } = watched({ canary: canary(() => p99) });
  watch.expect(reading(['1', '2', '3']));
  p99 = 0.11;
  expect(look()).toBeUndefined();
  p99 = 0.13;
  expect(look()).toMatchObject({
    code: 'slo',
    message: 'the p99 of writes is 130 ms, with 40 ms in the first step the limit is 120 ms',
  });
});

test('a canary without enough writes ends the redline after 30 s, however short the steps', () => {
  const at = (elapsed: number, p99: (window: number) => number | undefined, reason?: string) =>
    watched({ recorder: recorderAt(elapsed), canary: canary(p99, reason) }).watch.look(reading(['1', '2', '3']), 25);
  const none = () => undefined;
  expect(at(29, none)).toBeUndefined();
  expect(at(30, none, 'cannot use topic canary: there is no such topic')).toMatchObject({
    code: 'slo',
    message: 'the p99 of writes of the canary is unknown: cannot use topic canary: there is no such topic',
  });
  expect(at(30, none)?.message).toContain('too few writes were acknowledged');
  // A step that has just begun has too few writes.
  expect(at(30, (window) => (window < 10 ? undefined : 0.04))).toBeUndefined();
});

test('failing writes end the redline even in the first step, which has no baseline', () => {
  expect(watched({ canary: canary(() => 10) }).look()).toMatchObject({
    code: 'slo',
    message: 'at least 1% of the writes of the canary failed or took 10 s',
  });
});
