// Defines the profile of several constant rates in sequence.

import { z } from 'zod';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { exactRateText } from '../../../core/text/quantity-text.ts';
import { type LoadProfile, Rate, StepDuration } from './profile.ts';

export const StepsOptions = z.strictObject({
  kind: z.literal('steps'),
  rates: z.array(Rate).min(1),
  stepDuration: StepDuration.prefault('20s').describe('of each step, such as 20s'),
});

export const steps = ({ rates, stepDuration }: z.output<typeof StepsOptions>): LoadProfile => ({
  describe() {
    const range = [...new Set([Math.min(...rates), Math.max(...rates)])].map(exactRateText).join(' to ');
    return `${rates.length} step${rates.length === 1 ? '' : 's'} of ${exactDurationText(stepDuration)}, ${range}`;
  },
  segments: () => rates.map((rate) => ({ kind: 'rate', from: rate, to: rate, duration: stepDuration })),
});
