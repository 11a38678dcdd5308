// Starts processes that outlive their starter, finds them later by a marker in their environment, and ends them.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { AppError, ignoreFault } from '../core/errors.ts';
import { identify, type StartedProcess, isRunning } from '../core/started-process.ts';
import { type Clock, seconds } from '../core/clock.ts';

/** Environment variable of every lab process; contains the lab's random id. */
const marker = 'PLIMSOLL_LAB_ID';

export const markedEnvironment = (labId: string): NodeJS.ProcessEnv => ({ ...process.env, [marker]: labId });

/**
 * Starts the program in a new session, so that Ctrl-C in this terminal does not reach it.
 * @throws AppError lab-failed if the program could not be started
 */
export function spawnDetached(
  program: string,
  args: readonly string[],
  { labId, cwd, output }: { labId: string; cwd: string; output: number | 'ignore' },
): StartedProcess {
  const child = spawn(program, args, {
    cwd,
    env: markedEnvironment(labId),
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.on('error', ignoreFault('a process that did not start is reported below'));
  child.unref();
  const started = child.pid === undefined ? undefined : identify(child.pid);
  if (started !== undefined) return started;
  throw new AppError('lab-failed', `${program} did not start`, { hint: `its working folder is ${cwd}` });
}

/**
 * Finds processes that a killed starter could not record. Linux only: elsewhere the list is empty, and only recorded
 * processes are known.
 */
export const findMarked = (labId: string): StartedProcess[] => findByEnvironment(marker, labId);

/** @returns all processes with this variable in their environment; Linux only: elsewhere the list is empty */
export function findByEnvironment(name: string, value: string): StartedProcess[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isMarked(pid, `${name}=${value}`));
  return pids.flatMap((pid) => identify(Number(pid)) ?? []);
}

function isMarked(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
  } catch {
    // The process ended, or belongs to another user, so that its environment is not readable.
    return false;
  }
}

const patience = seconds(8);
const glance = seconds(0.05);

/**
 * Sends SIGKILL: after SIGTERM, a RocketMQ broker took more than 8 s and a quorum of Kafka up to 6 s to write data that
 * is deleted with the lab. Skips pids that are now used by other processes.
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
    // ESRCH: the process ended between the check and the call.
    if (code !== 'ESRCH') throw error;
  }
}
