// How long is measured? The option `--interval`, in seconds.

import { AppError } from '../core/errors.ts';
import { seconds, type Seconds } from '../core/units.ts';
import type { CommandIo } from './command.ts';
import { numberOption } from './number-option.ts';

/** @returns undefined when the option was left away. @throws AppError usage */
export function intervalOption(options: CommandIo['options']): Seconds | undefined {
  const given = numberOption(options, 'interval');
  if (given === undefined) return undefined;
  if (given >= 0.5 && given <= 3600) return seconds(given);
  throw new AppError('usage', `--interval ${given}: take 0.5 to 3600 seconds`);
}
