// Reads a file named by a user, up to a size limit.

import { readFile, stat } from 'node:fs/promises';
import { AppError, type FaultCode } from '../../core/errors.ts';

/** 200,000 partitions of three replicas in Kafka's format, with long names of topics and log_dirs, are less. */
export const mostBytes = 64 * 2 ** 20;

export interface Bounds {
  most?: number;
  /** For what is no file, or too large. */
  fault?: FaultCode;
}

/** @throws AppError not-found, no-permission or the fault that was given, each with the path */
export async function readBounded(
  path: string,
  { signal }: { signal: AbortSignal },
  { most = mostBytes, fault = 'reassignment-unreadable' }: Bounds = {},
): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > most) {
      throw new AppError(fault, `${path} has ${size} bytes, and ${most} are the most that are read`);
    }
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new AppError('not-found', `there is no file ${path}`, { cause, hint: 'check the path' });
    const why = code === 'EISDIR' ? 'it is a folder' : message;
    throw new AppError(code === 'EACCES' ? 'no-permission' : fault, `cannot read ${path}: ${why}`, {
      cause,
    });
  }
}
