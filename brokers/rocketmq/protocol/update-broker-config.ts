// Encodes UPDATE_BROKER_CONFIG (25), which changes settings of a running broker.

import { AppError } from '../../../core/errors.ts';
import { command } from './frame.ts';

/*
 * Request body  Java properties, UTF-8: one key=value a line
 * Response      nothing; code 16 for a key on the broker's configBlackList (5.x)
 *
 * The broker writes its whole configuration back to the file it was started with. A change of brokerPermission is registered
 * with every name server at once; unknown keys are dropped silently, so a change must be read back.
 */

/** @throws AppError usage for a setting that would not fit on one line of the file */
export function encodeUpdateBrokerConfig(settings: Readonly<Record<string, string>>) {
  const lines = Object.entries(settings).map(([key, value]) => {
    if (/[\r\n\\]/.test(key + value)) {
      throw new AppError('usage', `cannot set ${JSON.stringify(key)} to ${JSON.stringify(value)}: it is not one line`);
    }
    return `${key}=${value}\n`;
  });
  return command(25, 'change of settings', {}, Buffer.from(lines.join('')));
}
