import { expect, test } from 'vitest';
import type { ShownLoadTest } from '../../../../dashboards/web/load-test/load-test-view.ts';
import { renderLoadTest } from '../../../../dashboards/web/load-test/load-test-progress.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createRunningTest, type RunStatus } from '../../../../loadgen/execute/control/running-test.ts';
import { createStop } from '../../../../loadgen/execute/run.ts';
import { GuardConfig } from '../../../../loadgen/guard/config.ts';
import { createGuard } from '../../../../loadgen/guard/create-guard.ts';
import type { GuardInput } from '../../../../loadgen/guard/guard-input.ts';
import { freeDiskInput } from '../../../../loadgen/guard/free-disk-input.ts';
import { stopFileInput } from '../../../../loadgen/guard/stop-file-input.ts';
import { createLoadPlanner } from '../../../../service/load-tests/load-planner.ts';
import { shownStatus } from '../../../../service/load-tests/shown-load-test.ts';
import { recordedLines } from '../../../support/recorded-run.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const gigabit = { device: 'eth0', speed: { bitsPerSecond: 1e9, source: 'sysfs' } };
const environment = {
  hosts: ['mq-1', 'mq-2'].map((host) => ({ host, networkDevices: [gigabit] })),
  brokers: [],
};

/** A guard that has watched three seconds of a load and two samples of two hosts. */
async function watchedGuard() {
  const clock = createSteppedClock();
  const disk = (broker: string, free: number) => freeDiskInput(broker, { paths: ['/data'] }, 0.2, async () => free);
  const guard = createGuard({
    inputs: [disk('broker-a', 0.36), disk('broker-b', 0.8), stopFileInput('/nowhere')],
    seconds: { ...GuardConfig.parse({ p99: '1s', errors: '2%', lagMessages: 5000 }), maxTps: 2000, groups: ['g1'] },
    nic: { maxShare: 0.6, environment, hosts: new Set(['mq-1', 'mq-2']) },
    clock,
  });
  const over = new AbortController();
  const watching = guard.watch({ signal: over.signal, onBreach: () => {} });
  await clock.advance(1.5);
  guard.observe([...recordedLines({ steps: [{ rate: 1000, seconds: 3, latency: () => 0.004 }], groups: ['g1'] })]);
  guard.completeSecond();
  for (const elapsedSeconds of [1, 2]) {
    const sent = (host: string) => (host === 'mq-1' ? 65e6 : 20e6) * (elapsedSeconds - 1);
    const hosts = ['mq-1', 'mq-2'].map((host) => ({
      kind: 'host' as const,
      host,
      elapsedSeconds,
      tookSeconds: 0.01,
      reading: {
        networkDevices: [
          { device: 'eth0', receiveBytes: 0, transmitBytes: sent(host), receivePackets: 0, transmitPackets: 0 },
        ],
      },
    }));
    guard.see(hosts as never);
  }
  over.abort();
  await clock.advance(0);
  await watching;
  return guard;
}

const test1: ShownLoadTest = {
  cluster: 'orders',
  by: 'anna',
  startedAt: '2026-11-10T12:00:00Z',
  load: { rates: [1000], stepDuration: '30s', messageSize: '1KiB', groups: 1 },
  directory: '/var/lib/plimsoll/runs/20261110-a',
};

const shown = (now: ShownLoadTest['now'], lang: 'en' | 'zh') => {
  const view = createView({
    prefix: '',
    path: '/',
    query: new URLSearchParams({ lang }),
    accepted: 'en',
    visitor: { name: 'reader', role: 'viewer' } as never,
  });
  return renderLoadTest({ ...test1, now: now ?? { phase: 'preparing' } }, view)
    .text.replaceAll(/[\u2068\u2069]|<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
};

test('the page shows the value nearest to each limit of the guard', async () => {
  const { limits } = createStop(await watchedGuard()).guard;
  const identity = { run: 'r1', cluster: 'orders', broker: 'kafka', workload: 'steps' };
  const now = shownStatus(createRunningTest({ ...identity, directory: 'runs/r1', groups: ['g1'], limits }).status());
  expect(shown(now, 'en')).toMatch(
    /none of its limits reached: send errors 0% \(at most 2%\), latency \(p99\) 4 ms \(at most 1 s\), lag in messages 0 \(at most 5,000\), broker-a free disk space 36% \(at least 20%\), mq-1 link use 5\d% \(at most 60%\)/,
  );
  expect(shown(now, 'zh')).toMatch(/均未触发：发送失败 0%（不超过 2%）.*mq-1 网卡使用率 5\d%（不超过 60%）/);
});

test('rules of one name, both bounds of a rule, and values that are missing or infinite', async () => {
  const clock = createSteppedClock();
  const rule = (bounds: { above?: number; below?: number }, read: () => number | undefined): GuardInput => ({
    name: 'queue',
    everySeconds: 1,
    oldestSeconds: Infinity,
    ends: 'run',
    watches: { kind: 'rule', name: 'queue' },
    ...bounds,
    read: async () => read(),
  });
  let free: number | undefined = 0.36;
  const guard = createGuard({
    inputs: [
      rule({ above: 100 }, () => 90),
      rule({ above: 100 }, () => 10),
      { ...rule({ above: 100, below: 5 }, () => 7), watches: { kind: 'rule', name: 'idle' } },
      { ...rule({ below: 5 }, () => Infinity), watches: { kind: 'rule', name: 'time to full' } },
      { ...freeDiskInput('broker-a', { paths: ['/data'] }, 0.2, async () => free), oldestSeconds: Infinity },
    ],
    seconds: { ...GuardConfig.parse({}), maxTps: 2000, groups: [] },
    nic: { maxShare: 1, environment, hosts: new Set() },
    clock,
  });
  const over = new AbortController();
  const watching = guard.watch({ signal: over.signal, onBreach: () => {} });
  const identity = { run: 'r1', cluster: 'orders', broker: 'kafka', workload: 'steps', directory: 'runs/r1' };
  const running = createRunningTest({ ...identity, groups: [], limits: guard.limits });
  const shownNow = () => shown(shownStatus(JSON.parse(JSON.stringify(running.status())) as RunStatus), 'en');
  await clock.advance(0.5);
  const rules = 'none of its limits reached: queue 90 (at most 100), idle 7 (at least 5)';
  expect(shownNow()).toContain(`${rules}, broker-a free disk space 36% (at least 20%)`);
  free = undefined;
  await clock.advance(1);
  expect(shownNow()).toContain(rules);
  expect(shownNow()).not.toContain('free disk space');
  over.abort();
  await clock.advance(0);
  await watching;
});

test('a load test that an older version started has a status without limits', () => {
  const identity = { run: 'r1', cluster: 'orders', broker: 'kafka', workload: 'steps', directory: 'runs/r1' };
  const { guard, ...status } = createRunningTest({ ...identity, groups: [], limits: () => [] }).status();
  const { limits: _, ...older } = guard;
  expect(shown(shownStatus({ ...status, guard: older }), 'en')).toContain('none of its limits reached');
});

test('a reader who may not stop the load test gets the complete command', () => {
  expect(shown(undefined, 'en')).toContain('plimsoll stop /var/lib/plimsoll/runs/20261110-a');
  expect(shown(undefined, 'zh')).toContain('plimsoll stop /var/lib/plimsoll/runs/20261110-a');
});

test('a load test whose process has ended has no command that stops it', () => {
  expect(shown({ phase: 'analyzing' }, 'en')).not.toContain('plimsoll stop');
});

test('the daily window of the permission states whether it is open now, whatever the zone of the page', () => {
  const window = { from: '18:00', to: '22:00', timeZone: 'Asia/Shanghai' };
  const loadTest = { approver: 'Li Lei', maxTps: 2000, maxNicShare: 0.6, topicPrefix: 'plimsoll-', window };
  const isOpenAt = (iso: string) =>
    createLoadPlanner(
      { clusters: { orders: { loadTest } } } as never,
      { now: () => new Date(iso) } as never,
    ).permissionOf('orders')?.window?.isOpen;
  expect(['09:59', '10:00', '13:59', '14:00'].map((time) => isOpenAt(`2026-11-10T${time}:00Z`))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
