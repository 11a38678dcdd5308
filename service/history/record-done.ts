// Records a completed action; if recording fails, the fault states that the action is done.

import { about } from '../../core/errors.ts';

/**
 * For actions that must not wait for a full disk: the action runs first, and a fault of its record is a warning.
 *
 * @param done such as `the sessions of ann are ended`
 * @param lack consequence of a failed record
 * @throws AppError as `record` does
 */
export function recordDone<Value>(done: string, record: () => Value, lack = 'this is not on record'): Value {
  return about(`${done}, but ${lack}`, record);
}
