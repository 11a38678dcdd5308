// Which rates may a profile name?

import { z } from 'zod';
import { messagesPerSecond } from '../../../core/units.ts';

// Beyond what any cluster carries; exact send times are counted in whole messages.
const highest = 100_000_000;

export const Rate = z
  .number()
  .positive()
  .max(highest)
  .transform((value) => messagesPerSecond(value))
  .meta({ description: 'produced messages per second', examples: [1000] });

export const RateOrNone = z
  .number()
  .nonnegative()
  .max(highest)
  .transform((value) => messagesPerSecond(value))
  .meta({ description: 'produced messages per second, 0 for none', examples: [1000] });
