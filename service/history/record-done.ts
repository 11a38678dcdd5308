// Records what has been done already; where that fails, the fault says that it was done.

import { about } from '../../core/errors.ts';

/**
 * For what must not wait for a disk that is full: it comes first, and the fault of its record is a warning.
 *
 * @param done such as `the sessions of ann are ended`
 * @param lack what follows from a record that fails
 * @throws AppError as `record` does
 */
export function recordDone<Value>(done: string, record: () => Value, lack = 'this is not on record'): Value {
  return about(`${done}, but ${lack}`, record);
}
