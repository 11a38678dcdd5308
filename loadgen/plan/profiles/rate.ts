// Defines the rates that a profile may state.

import { z } from 'zod';
import { branded } from '../../../core/text/quantity.ts';
import { messagesPerSecond } from '../../../core/units.ts';

// Above the throughput of any cluster; exact send times are counted in whole messages.
const highest = 100_000_000;

export const Rate = branded(z.number().positive().max(highest), messagesPerSecond).meta({
  description: 'produced messages per second',
  examples: [1000],
});

export const RateOrNone = branded(z.number().nonnegative().max(highest), messagesPerSecond).meta({
  description: 'produced messages per second, 0 for none',
  examples: [1000],
});
