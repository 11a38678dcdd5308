// Finds the processes that a test left running, lists them and ends them.

import { readFileSync } from 'node:fs';
import { seconds, type Seconds, systemClock } from '../../core/clock.ts';
import { findByEnvironment, stopProcesses } from '../../lab/detached-process.ts';

/**
 * @param mark environment variable that they inherited; programs that start without it are not found
 * @param patience how long programs may run after SIGTERM
 * @returns the command lines of killed processes
 */
export async function endLeftProcesses(
  { name, value }: { name: string; value: string },
  patience: Seconds,
): Promise<string[]> {
  const end = systemClock.monotonic() + patience;
  let left = findByEnvironment(name, value);
  while (left.length > 0 && systemClock.monotonic() < end) {
    await systemClock.sleep(seconds(0.1));
    left = findByEnvironment(name, value);
  }
  const commands = left.map(({ pid }) => commandOf(pid));
  await stopProcesses(left, systemClock);
  return commands;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 200);
  } catch {
    return `process ${pid}`;
  }
}
