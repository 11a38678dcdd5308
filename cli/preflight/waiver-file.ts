// What does the file of waivers say, when it is one?

import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';
import { parseWaivers, type Waiver } from '../../ops/preflight/waivers.ts';

/** A waiver for each rule on each of 200 brokers, with a reason of a line, is less. */
const mostBytes = 4 * 2 ** 20;

/** @param path none where it is not given. @throws AppError not-found, waivers-unreadable */
export async function readWaivers(
  path: unknown,
  rules: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Waiver[]> {
  if (typeof path !== 'string') return [];
  return parseWaivers(await textOf(path, signal), path, rules);
}

async function textOf(path: string, signal: AbortSignal): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) {
      throw new AppError(
        'waivers-unreadable',
        `${path} has ${size} bytes, and ${mostBytes} are the most that are read`,
      );
    }
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new AppError('not-found', `there is no file ${path}`, { cause, hint: 'check the path' });
    throw new AppError('waivers-unreadable', `cannot read ${path}: ${message}`, { cause });
  }
}
