// Creates the error for tool output that cannot be read.

import { AppError } from '../../../../core/errors.ts';

export function unreadableReadings(tool: string, what: string, hint?: string): AppError {
  return new AppError('readings-unreadable', `cannot read this as output of ${tool}: ${what}`, { hint });
}
