// Explains why the bundle could not be written.

import { AppError, type FaultCode, fileFaultCodes } from '../../../core/errors.ts';

const codes: Readonly<Record<string, FaultCode>> = {
  ...fileFaultCodes,
  EEXIST: 'run-exists',
};

/** @param attempt the failed action, such as `cannot write runs/7/journal.ndjson` */
export function storageFault(cause: unknown, attempt: string): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new AppError(codes[code ?? ''] ?? 'run-failed', `${attempt}: ${message}`, { cause });
}
