// Refuses an option that a broker does not have.

import { AppError } from '../core/errors.ts';

/** @throws AppError unsupported-broker */
export function refuseUnsupported(why: string, hint: string): never {
  throw new AppError('unsupported-broker', why, { hint });
}
