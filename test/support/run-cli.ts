// Runs the program in its own process and collects its streams.

import { spawn, type ChildProcess } from 'node:child_process';
import { main } from './plimsoll.ts';

export interface CliResult {
  /** Exit code; absent if a signal ended it. */
  exitCode?: number;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  child: ChildProcess;
  ended: Promise<CliResult>;
}

export const startCli = (words: readonly string[], environment: NodeJS.ProcessEnv = process.env): RunningCli =>
  startCommand([process.execPath, main, ...words], environment);

/** @param command program and arguments, such as the CLI behind `ip netns exec` */
export function startCommand(
  [program, ...words]: readonly [string, ...string[]],
  environment = process.env,
): RunningCli {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('error', reject);
  child.on('close', (code) => resolve({ ...(code !== null && { exitCode: code }), stdout, stderr }));
  return { child, ended: promise };
}

export const runCli = (...words: string[]) => startCli(words).ended;
