// Which rates may a profile name?

import { z } from 'zod';
import { messagesPerSecond } from '../../core/units.ts';

export const Rate = z
  .number()
  .positive()
  // Beyond what any cluster carries; exact send times are counted in whole messages.
  .max(100_000_000)
  .transform((value) => messagesPerSecond(value))
  .meta({ description: 'produced messages per second', examples: [1000] });
