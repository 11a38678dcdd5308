// Runs the command in a child process with its output and exit code.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface Finished {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

interface Setting {
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
}

export function spawnPlimsoll(words: readonly string[], { cwd, environment }: Setting = {}) {
  const child = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(cwd !== undefined && { cwd }),
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (written.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)));
  return { child, written, finished: finish(child, written) };
}

export function plimsoll(words: readonly string[], setting?: Setting): Promise<Finished> {
  return spawnPlimsoll(words, setting).finished;
}

async function finish(child: ChildProcess, written: { stdout: string; stderr: string }): Promise<Finished> {
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...written };
}
