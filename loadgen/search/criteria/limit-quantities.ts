// Defines the notation of limits, for the criteria of a trial and the thresholds of a run.

import { z } from 'zod';
import { branded, Duration, Share } from '../../../core/text/quantity.ts';
import { ratio } from '../../../core/units.ts';

export const TimeLimit = Duration.refine((value) => value > 0, { message: 'a limit must be longer than 0s' });

/** A share of 0 means none. */
export const NoneOrShare = z.union([
  branded(z.number().nonnegative().max(1, 'a share is between 0 and 1; write 0.001 or 0.1%'), ratio),
  Share,
]);
