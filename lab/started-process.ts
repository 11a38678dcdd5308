// Identifies processes by pid, start time and boot, so that a reused pid is never stopped.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { seconds } from '../core/units.ts';

export const StartedProcess = z.strictObject({
  pid: z.number().int().positive(),
  /** Linux: boot id and start time in clock ticks since that boot. Elsewhere the start time as ps prints it. */
  started: z.string(),
});
export type StartedProcess = z.infer<typeof StartedProcess>;

const patience = seconds(8);
const glance = seconds(0.05);

/** @returns pid and start, or undefined when no such process runs (a zombie does not run) */
export function identify(pid: number): StartedProcess | undefined {
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning({ pid, started }: StartedProcess): boolean {
  return identify(pid)?.started === started;
}

/**
 * Ends them by force: asked to end, a RocketMQ broker took more than 8 s and a quorum of Kafka up to 6 s, to write what is
 * thrown away with the lab. Processes that are not ours any more are left alone.
 */
export async function stopProcesses(processes: readonly StartedProcess[], clock: Clock): Promise<void> {
  const running = processes.filter(isRunning);
  for (const { pid } of running) kill(pid);
  const end = clock.monotonic() + patience;
  while (running.some(isRunning) && clock.monotonic() < end) await clock.sleep(glance);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') {
      throw new AppError('no-permission', `process ${pid} of the lab belongs to another user`, {
        cause: error,
        hint: 'run `plimsoll lab down` as the user who started the lab',
      });
    }
    // Otherwise it ended between the look and the call.
    if (code !== 'ESRCH') throw error;
  }
}

/**
 * /proc/<pid>/stat, proc(5): `pid (comm) state ppid …`, field 22 is the start time in ticks since boot. The name in
 * brackets may hold blanks and brackets, so fields are counted from the last bracket.
 *
 * @returns undefined for a zombie or a dead process, and for text that is no such line
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
