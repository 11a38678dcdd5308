// Declares the options that define a safe window.

import { Duration, Share } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { option } from '../command.ts';

/** Default without a config file. */
export const verdictLastsByDefault = 30 * 86_400;

export const windowOptions = {
  for: option('TIME', 'shortest window (default 30m)', Duration.default(seconds(1800))),
  risk: option(
    'SHARE',
    'highest accepted probability that the load exceeds the limit (default 5%)',
    Share.refine((share) => share > 0 && share < 1, { error: 'take more than 0% and less than 100%' }).prefault('5%'),
  ),
};
