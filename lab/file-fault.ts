// Maps file system errors to AppErrors, and checks free disk space.

import { statfsSync } from 'node:fs';
import { AppError, type FaultCode } from '../core/errors.ts';
import { fileFaultCodes } from '../core/file-fault-codes.ts';

const codes: Readonly<Record<string, FaultCode>> = {
  ...fileFaultCodes,
  ENOTDIR: 'usage',
  EEXIST: 'usage',
};

/**
 * Three idle brokers wrote 0.6 MB (4.3.1); the rest is for a first load. On a full disk they exit without a log
 * message.
 */
const leastRoomBytes = 200e6;

/** @throws AppError no-space */
export function requireRoom(directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize >= leastRoomBytes) return;
  const megabytes = (value: number) => `${Math.floor(value / 1e6)} MB`;
  throw new AppError(
    'no-space',
    `${directory} has ${megabytes(bavail * bsize)} of disk space left; the lab needs ${megabytes(leastRoomBytes)}`,
    { hint: 'free disk space or give another --state-dir' },
  );
}

/** @returns the error unchanged if it is not a common file system error */
export function fileFault(error: unknown): unknown {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  const fault = code === undefined ? undefined : codes[code];
  if (error instanceof AppError || fault === undefined || syscall === undefined) return error;
  const where = path ?? 'a file of the lab';
  return new AppError(fault, `cannot write ${where}: ${message}`, {
    cause: error,
    hint: 'check free space and permissions there, or give another --state-dir (jars: XDG_CACHE_HOME)',
  });
}
