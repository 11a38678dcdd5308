// Which rates may a profile name?

import { z } from 'zod';
import { messagesPerSecond } from '../../core/units.ts';

export const Rate = z
  .number()
  .positive()
  .transform((value) => messagesPerSecond(value))
  .meta({ description: 'produced messages per second', examples: [1000] });
