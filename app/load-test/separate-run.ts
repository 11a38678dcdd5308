// Runs a load test in a separate process, so that neither ends the other, and follows it by its pid, output and control file.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, ignoreFault, orFault } from '../../core/errors.ts';
import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';
import type { RunStatus } from '../../loadgen/execute/control/running-test.ts';
import { makeFolder } from '../../core/files.ts';

export type { RunStatus } from '../../loadgen/execute/control/running-test.ts';

interface SeparateRun {
  /** Folder of the bundle; the output of the process is beside it. */
  directory: string;
  pid: number;
}

interface RunOrder {
  /** The program and its first arguments, such as `node cli/main.ts`. */
  program: readonly [command: string, ...args: string[]];
  /** Arguments of `plimsoll run`, without `--out`. */
  args: readonly string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
}

const statusMs = 2000;

export const outputFile = ({ directory }: Pick<SeparateRun, 'directory'>) => `${directory}.log`;

/** The run survives this process. @throws AppError state-unwritable, unexpected */
export function startRun({ program, args, directory, environment }: RunOrder): SeparateRun {
  const [command, ...first] = program;
  const output = openOutput(directory);
  try {
    const child = spawn(command, [...first, 'run', ...args, '--out', directory], {
      // Ctrl-C at the terminal of the service must not end the test.
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
  const open = () => {
    makeFolder(dirname(directory));
    return openSync(outputFile({ directory }), 'a', 0o600);
  };
  return orFault(open, 'state-unwritable', `cannot write beside ${directory}`);
}

/** The pid may have been reused, so the command line is compared if the system shows it. */
export function isRunning({ directory, pid }: SeparateRun): boolean {
  if (!isUnderWay({ pid })) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(directory);
  } catch {
    return !existsSync('/proc/self/cmdline');
  }
}

/** Has the effect of Ctrl-C: stops sending and completes the bundle. @returns false if the run has already ended */
export function interruptRun(run: SeparateRun): boolean {
  return isRunning(run) && process.kill(run.pid, 'SIGINT');
}

/** @returns undefined before the run sends and after its end */
export async function runStatus(
  { directory }: SeparateRun,
  { signal }: { signal: AbortSignal },
): Promise<RunStatus | undefined> {
  const control = await readControlFile(directory).catch(ignoreFault('a file that is being written is read next time'));
  if (control === undefined) return undefined;
  const within = AbortSignal.any([signal, AbortSignal.timeout(statusMs)]);
  const answer = await fetch(control.url, { signal: within }).catch(ignoreFault('a run that ends answers no more'));
  // Written by this version of the program, or by the one before an upgrade of the service.
  return answer?.ok ? ((await answer.json()) as RunStatus) : undefined;
}

/** @returns its last lines of output, in order */
export async function runOutput(run: Pick<SeparateRun, 'directory'>): Promise<string[]> {
  const text = (await readFile(outputFile(run), 'utf8').catch(ignoreFault('without output there are no lines'))) ?? '';
  return text.split('\n').filter((line) => line !== '');
}

/** @returns the error that ended the run, with its hint; undefined if none was reported */
export function errorIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => line.startsWith('error: '));
  const [error, hint] = lines.slice(at, at + 2);
  if (at < 0 || error === undefined) return undefined;
  return `${error.slice('error: '.length)}${hint?.startsWith('hint: ') ? ` (${hint.slice('hint: '.length)})` : ''}`;
}

/** Whether there are recorded data to analyze. */
export const hasBundle = ({ directory }: Pick<SeparateRun, 'directory'>) => existsSync(join(directory, 'run.json'));
