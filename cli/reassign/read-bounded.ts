// What does a file of a reassignment hold, when it is no larger than one can be?

import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';

/** 200,000 partitions of three replicas in Kafka's format, with long names of topics and log_dirs, are less. */
export const mostBytes = 64 * 2 ** 20;

/** @throws AppError not-found, no-permission, reassignment-unreadable, each with the path */
export async function readBounded(path: string, { signal }: { signal: AbortSignal }): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) {
      throw new AppError(
        'reassignment-unreadable',
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
    const why = code === 'EISDIR' ? 'it is a folder' : message;
    throw new AppError(code === 'EACCES' ? 'no-permission' : 'reassignment-unreadable', `cannot read ${path}: ${why}`, {
      cause,
    });
  }
}
