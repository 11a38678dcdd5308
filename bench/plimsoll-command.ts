// Runs a plimsoll command in a separate process and returns its output.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Output } from '../app/caller.ts';
import { AppError } from '../core/errors.ts';

export const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/**
 * @param accepted exit codes that are not failures
 * @returns standard output; standard error is passed through.
 * @throws AppError run-failed if the command exits with another code
 */
export async function runPlimsoll(
  words: readonly string[],
  { stderr, signal }: { stderr: Output; signal: AbortSignal | undefined },
  accepted: readonly number[] = [0],
): Promise<string> {
  stderr.write(`$ plimsoll ${words.join(' ')}\n`);
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const output = await text(child.stdout);
  const code = await ended;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (code !== null && accepted.includes(code)) return output;
  throw new AppError('run-failed', `plimsoll ${words.join(' ')} exited with ${code}`);
}
