import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { runMetrics } from '../../../../../loadgen/execute/control/run-metrics.ts';
import { createRunningTest } from '../../../../../loadgen/execute/control/running-test.ts';
import { parseExposition } from '../../../../support/exposition.ts';
import { requires } from '../../../../support/prerequisites.ts';
import { recordedLines } from '../../../../support/recorded-run.ts';

const breach: JournalLine = {
  kind: 'guard',
  elapsedSeconds: 3.5,
  input: 'p99',
  reason: 'p99 is 2 s, 1 s is allowed',
  value: 2,
  limit: 1,
  ends: 'run',
};

function running(lines: Iterable<JournalLine>) {
  const identity = { run: 'r1', cluster: 'lab "eu"', broker: 'kafka', workload: 'steps' };
  const test = createRunningTest({ ...identity, directory: 'runs/r1', groups: ['g1'], limits: () => [] });
  for (const line of lines) test.observe(line);
  return test;
}

function* threeSecondsOfLoad() {
  const lines = recordedLines({
    steps: [{ rate: 1000, seconds: 3, latency: (n) => (n < 990 ? 0.0015 : 0.9), achieved: 0.5 }],
    workers: ['producer-1', 'producer-2'],
    groups: ['g1'],
  });
  for (const line of lines) if (line.kind !== 'step-ended' && line.kind !== 'run-ended') yield line;
}

test('counters match the journal, and lag is the difference between them', async () => {
  const { samples } = parseExposition(await running(threeSecondsOfLoad()).metrics());
  const of = (name: string, labels: string) => samples.get(`plimsoll_run_${name}${labels}`);
  expect(of('intended_messages_total', '{worker="producer-1"}')).toBe('1500');
  expect(of('acknowledged_messages_total', '{worker="producer-2"}')).toBe('750');
  expect(of('failed_messages_total', '{worker="producer-2"}')).toBe('750');
  expect(of('dropped_messages_total', '{worker="producer-2"}')).toBe('0');
  expect(of('consumed_messages_total', '{group="g1"}')).toBe('1500');
  expect(of('consumer_lag_messages', '{group="g1"}')).toBe('0');
  expect([of('step', ''), of('target_messages_per_second', '')]).toEqual(['1', '1000']);
  expect(of('event_loop_utilisation_ratio', '{worker="producer-1"}')).toBe('0.25');
});

test('stops by the guard are counted from 0, so that the first one is an increase', async () => {
  const stopsAfter = async (...lines: JournalLine[]) =>
    parseExposition(await running(lines).metrics()).samples.get('plimsoll_run_guard_stops_total');
  expect([await stopsAfter(), await stopsAfter(breach)]).toEqual(['0', '1']);
});

test('buckets are cumulative, and count and sum agree with them', async () => {
  const slow = recordedLines({ steps: [{ rate: 1000, seconds: 2, latency: (n) => (n < 990 ? 0.0015 : 0.9) }] });
  const { samples } = parseExposition(await running(slow).metrics());
  const bucket = (le: string) => Number(samples.get(`plimsoll_run_latency_seconds_bucket{le="${le}"}`));
  expect([bucket('0.001'), bucket('0.002'), bucket('0.5'), bucket('1'), bucket('+Inf')]).toEqual([
    0, 1980, 1980, 2000, 2000,
  ]);
  expect(Number(samples.get('plimsoll_run_latency_seconds_count'))).toBe(2000);
  expect(Number(samples.get('plimsoll_run_latency_seconds_sum'))).toBeCloseTo(1980 * 0.0015 + 20 * 0.9, 1);
});

test('between steps no step and no target rate is exported', async () => {
  const ended = recordedLines({ steps: [{ rate: 10, seconds: 1 }] });
  const { samples } = parseExposition(await running(ended).metrics());
  expect(samples.has('plimsoll_run_step')).toBe(false);
  expect(samples.has('plimsoll_run_target_messages_per_second')).toBe(false);
});

test('the status contains only what is known', () => {
  expect(running([]).status()).toEqual({
    schemaVersion: 1,
    run: { run: 'r1', cluster: 'lab "eu"', broker: 'kafka', workload: 'steps', directory: 'runs/r1' },
    state: 'starting',
    messages: { intended: 0, sent: 0, acknowledged: 0, failed: 0, dropped: 0, consumed: 0 },
    guard: { state: 'watching', breaches: [], limits: [] },
  });
});

test('the status has the last second, the totals, and why the guard stopped the run', () => {
  const test = running([...threeSecondsOfLoad(), breach]);
  const interval = { targetTps: 1000, achievedTps: 500, failedSends: 500 };
  test.tell({ kind: 'second', elapsedSeconds: 3, step: 1, steps: 1, leftSeconds: 0, interval, lagMessages: 7 });
  expect(test.status()).toMatchObject({
    state: 'stopped',
    step: 1,
    achievedTps: 500,
    lagMessages: 7,
    messages: { intended: 3000, acknowledged: 1500, failed: 1500, consumed: 1500 },
    guard: { state: 'breached', breaches: [{ input: 'p99', value: 2, limit: 1, ends: 'run' }] },
  });
});

test('every metric of the page is declared with its type and help, and every declared metric is on the page', async () => {
  const { types, help } = parseExposition(await running([...threeSecondsOfLoad(), breach]).metrics());
  expect(Object.fromEntries(types)).toEqual(
    Object.fromEntries(Object.entries(runMetrics).map(([name, { type }]) => [name, type])),
  );
  for (const [name, definition] of Object.entries(runMetrics)) expect(help.get(name)).toBe(definition.help);
});

requires('promtool').test('promtool reports no problem with the page of a running test', async () => {
  const input = await running([...threeSecondsOfLoad(), breach]).metrics();
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
});
