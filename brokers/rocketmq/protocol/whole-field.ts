// Parses a response field as a bigint, since offsets exceed 2^53.

import { AppError } from '../../../core/errors.ts';
import type { Response } from './frame.ts';

/** @throws AppError answer-unreadable when it is absent or no int64 */
export function wholeField({ fields }: Pick<Response, 'fields'>, name: string): bigint {
  const text = fields[name];
  if (text === undefined || !/^-?\d{1,19}$/.test(text)) {
    throw new AppError('answer-unreadable', `field ${name} should be a whole number, but is ${JSON.stringify(text)}`);
  }
  return BigInt(text);
}
