// Identifies processes by pid, start time and boot, and by host and namespace, so that a reused pid is never mistaken for a process.

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { defined } from './defined.ts';

export const StartedProcess = z.strictObject({
  pid: z.number().int().positive(),
  /** Linux: boot id, and start time in clock ticks since boot. Elsewhere: the start time as ps prints it. */
  started: z.string(),
});
export type StartedProcess = z.infer<typeof StartedProcess>;

/** @returns pid and start; undefined if no such process runs (a zombie does not run) */
export function identify(pid: number): StartedProcess | undefined {
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning({ pid, started }: StartedProcess): boolean {
  return identify(pid)?.started === started;
}

/** A process in a shared file: its pid is valid in its pid namespace only. */
export const PlacedProcess = z.object({
  pid: z.number().int().positive(),
  started: z.string().optional().describe('as of a started process; absent where the system shows none'),
  host: z.string(),
  namespace: z.string().optional().describe('pid namespace; Linux only'),
});
export type PlacedProcess = z.infer<typeof PlacedProcess>;

export function thisProcess(): PlacedProcess {
  const started = identify(process.pid)?.started;
  const namespace = pidNamespace();
  return defined({ pid: process.pid, host: hostname(), started, namespace });
}

/** @returns `unknown` for a process on another machine or in another container */
export function processState({ pid, started, host, namespace }: PlacedProcess): 'running' | 'ended' | 'unknown' {
  if (started === undefined || host !== hostname() || namespace !== pidNamespace()) return 'unknown';
  return isRunning({ pid, started }) ? 'running' : 'ended';
}

/** Such as `pid:[4026531836]`, pid_namespaces(7). */
function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/**
 * /proc/<pid>/stat, proc(5): `pid (comm) state ppid …`, field 22 is the start time in ticks since boot. The name in
 * brackets may hold blanks and brackets, so fields are counted from the last bracket.
 *
 * @returns undefined for a zombie, a dead process or malformed text
 */
export function parseStartTicks(stat: string): string | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || 'ZXx'.includes(state) ? undefined : fields[18];
}

function startOnLinux(pid: number): string | undefined {
  try {
    const ticks = parseStartTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return ticks && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const [, state, started] = /^(\S+)\s+(.+?)\s*$/.exec(psLine(pid)) ?? [];
    return state?.startsWith('Z') ? undefined : started;
  } catch {
    return undefined;
  }
}

const psLine = (pid: number) =>
  execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
  });
