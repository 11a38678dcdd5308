// Records what has been done already; where that fails, the fault says that it was done.

import { AppError } from '../../core/errors.ts';

/**
 * For what must not wait for a disk that is full: it comes first, and the fault of its record is a warning.
 *
 * @param done such as `the sessions of ann are ended`
 * @param lack what follows from a record that fails
 * @throws AppError as `record` does
 */
export function recordDone<Value>(done: string, record: () => Value, lack = 'this is not on record'): Value {
  try {
    return record();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${done}, but ${lack}: ${cause.message}`, { cause, hint: cause.hint });
  }
}
