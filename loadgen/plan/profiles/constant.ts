// Defines the profile of one constant rate.

import { z } from 'zod';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { exactRateText } from '../../../core/text/quantity-text.ts';
import { type LoadProfile, Rate, StepDuration } from './profile.ts';

export const ConstantOptions = z.strictObject({ kind: z.literal('constant'), rate: Rate, duration: StepDuration });

export const constant = ({ rate, duration }: z.output<typeof ConstantOptions>): LoadProfile => ({
  describe: () => `${exactRateText(rate)} for ${exactDurationText(duration)}`,
  segments: () => [{ kind: 'rate', from: rate, to: rate, duration }],
});
