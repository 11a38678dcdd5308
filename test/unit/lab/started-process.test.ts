import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { identify, isRunning, parseStartTicks } from '../../../core/started-process.ts';
import { stopProcesses } from '../../../lab/detached-process.ts';

const after = '1 27 27 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 1684220 7000 200 0';

test('the start time is found after a process name with spaces and parentheses', () => {
  expect(parseStartTicks(`27 (java) S ${after}`)).toBe('1684220');
  expect(parseStartTicks(`27 (a) S 9 (b) R ${after}`)).toBe('1684220');
});

test('a zombie counts as not running', () => expect(parseStartTicks(`27 (java) Z ${after}`)).toBeUndefined());

test('returns no start time for text that is not a stat line', () => {
  expect(parseStartTicks('')).toBeUndefined();
  expect(parseStartTicks('27 (java) S 1 27')).toBeUndefined();
});

test('a running process is recognised, and an earlier process with its pid is not', () => {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('this process runs');
  expect(isRunning(self)).toBe(true);
  expect(isRunning({ ...self, started: `${self.started}0` })).toBe(false);
});

test("stopping ends the lab's process, and spares another process that reused a pid", async () => {
  const [ours, strangers] = [spawn('sleep', ['600']), spawn('sleep', ['600'])];
  try {
    const [mine, stranger] = [ours, strangers].map(({ pid }) => identify(pid ?? 0));
    if (!mine || !stranger) throw new Error('both were started');
    const ended = once(ours, 'exit');
    await stopProcesses([mine, { ...stranger, started: 'before' }], systemClock);
    await ended;
    expect(isRunning(mine)).toBe(false);
    expect(isRunning(stranger)).toBe(true);
  } finally {
    ours.kill('SIGKILL');
    strangers.kill('SIGKILL');
  }
});
