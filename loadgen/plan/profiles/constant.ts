// What is one rate for a while?

import { z } from 'zod';
import { describeDuration, describeRate } from './describe.ts';
import type { LoadProfile } from './profile.ts';
import { Rate } from './rate.ts';
import { StepDuration } from './step-duration.ts';

export const ConstantOptions = z.strictObject({ kind: z.literal('constant'), rate: Rate, duration: StepDuration });

export const constant = ({ rate, duration }: z.output<typeof ConstantOptions>): LoadProfile => ({
  describe: () => `${describeRate(rate)} for ${describeDuration(duration)}`,
  segments: () => [{ kind: 'rate', from: rate, to: rate, duration }],
});
