// Runs a load test in its own process, so that neither ends the other, and follows it by its pid, output and control file.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';
import type { RunStatus } from '../../loadgen/execute/control/running-test.ts';

export type { RunStatus } from '../../loadgen/execute/control/running-test.ts';

interface SeparateRun {
  /** Of the bundle; the output of the process is beside it. */
  directory: string;
  pid: number;
}

interface RunOrder {
  /** The program and its first arguments, as `node cli/main.ts`. */
  program: readonly [command: string, ...args: string[]];
  /** Of `plimsoll run`, without `--out`. */
  args: readonly string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
}

const statusMs = 2000;

export const outputFile = ({ directory }: Pick<SeparateRun, 'directory'>) => `${directory}.log`;

/** Also goes on when this process ends. @throws AppError state-unwritable, unexpected */
export function startRun({ program, args, directory, environment }: RunOrder): SeparateRun {
  const [command, ...first] = program;
  const output = openOutput(directory);
  try {
    const child = spawn(command, [...first, 'run', ...args, '--out', directory], {
      // Ctrl-C at the terminal of the service is not meant for the test.
      detached: true,
      stdio: ['ignore', output, output],
      env: environment,
    });
    child.once('error', ignoreFault('a process that did not start has no pid'));
    child.unref();
    if (child.pid === undefined) throw new AppError('unexpected', `cannot start ${command} for the load test`);
    return { directory, pid: child.pid };
  } finally {
    closeSync(output);
  }
}

function openOutput(directory: string): number {
  try {
    mkdirSync(dirname(directory), { recursive: true });
    return openSync(outputFile({ directory }), 'a', 0o600);
  } catch (cause) {
    throw new AppError('state-unwritable', `cannot write beside ${directory}: ${(cause as Error).message}`, { cause });
  }
}

/** Another process may have got the pid since: where the system shows command lines, that of the run is looked for. */
export function isRunning({ directory, pid }: SeparateRun): boolean {
  if (!isUnderWay({ pid })) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(directory);
  } catch {
    return !existsSync('/proc/self/cmdline');
  }
}

/** As Ctrl-C does: nothing more is sent, and the bundle is completed. @returns false where it has ended already */
export function interruptRun(run: SeparateRun): boolean {
  return isRunning(run) && process.kill(run.pid, 'SIGINT');
}

/** @returns undefined before it sends and after it ended */
export async function runStatus(
  { directory }: SeparateRun,
  { signal }: { signal: AbortSignal },
): Promise<RunStatus | undefined> {
  const control = await readControlFile(directory).catch(ignoreFault('a file that is being written is read next time'));
  if (control === undefined) return undefined;
  const within = AbortSignal.any([signal, AbortSignal.timeout(statusMs)]);
  const answer = await fetch(control.url, { signal: within }).catch(ignoreFault('a run that ends answers no more'));
  // Written by the same version of the program.
  return answer?.ok ? ((await answer.json()) as RunStatus) : undefined;
}

/** @returns lines of its output, the last one last */
export async function runOutput(run: Pick<SeparateRun, 'directory'>): Promise<string[]> {
  const text = (await readFile(outputFile(run), 'utf8').catch(ignoreFault('without output there are no lines'))) ?? '';
  return text.split('\n').filter((line) => line !== '');
}

/** @returns the error that ended it, with its hint; undefined where it reported none */
export function errorIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => line.startsWith('error: '));
  const [error, hint] = lines.slice(at, at + 2);
  if (at < 0 || error === undefined) return undefined;
  return `${error.slice('error: '.length)}${hint?.startsWith('hint: ') ? ` (${hint.slice('hint: '.length)})` : ''}`;
}

/** Whether anything was recorded that can be analyzed. */
export const hasBundle = ({ directory }: Pick<SeparateRun, 'directory'>) => existsSync(join(directory, 'run.json'));
