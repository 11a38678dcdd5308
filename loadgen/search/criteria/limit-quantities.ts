// How is a limit written that a load is held to? For the criteria of a trial and the thresholds of a run alike.

import { z } from 'zod';
import { Duration, Share } from '../../../core/text/quantity.ts';
import { ratio } from '../../../core/units.ts';

export const TimeLimit = Duration.refine((value) => value > 0, { message: 'a limit is longer than 0s' });

/** None may be asked for: a share of 0. */
export const NoneOrShare = z.union([
  z
    .number()
    .nonnegative()
    .max(1, 'a share is between 0 and 1; write 0.001 or 0.1%')
    .transform((value) => ratio(value)),
  Share,
]);
