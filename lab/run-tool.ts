// Runs a program without a shell and returns its output; the signal ends it.

import { spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import { ignoreFault } from '../core/errors.ts';

export interface ToolAnswer {
  /** Absent if a signal ended the program. */
  exitCode?: number;
  stdout: string;
  stderr: string;
}

interface ToolOptions {
  signal: AbortSignal;
  input?: string;
  environment?: NodeJS.ProcessEnv;
  onLine?: (line: string) => void;
}

/** @returns its output, or undefined if the program does not exist. @throws the signal's reason when aborted */
export async function runTool(
  program: string,
  args: readonly string[],
  { signal, input, environment, onLine }: ToolOptions,
): Promise<ToolAnswer | undefined> {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    ...(environment === undefined ? {} : { env: environment }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Wait for the child even after an abort: it must not write files after the caller's cleanup.
  using _ = addAbortListener(signal, () => child.kill('SIGKILL'));
  return await new Promise<ToolAnswer | undefined>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that ends without reading its input closes the pipe; only its exit code matters.
    child.stdin.on('error', ignoreFault('the exit code reports what happened'));
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    child.on('close', (exitCode) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ ...(exitCode === null ? {} : { exitCode }), stdout, stderr });
    });
  });
}
