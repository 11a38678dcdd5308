// Defines the profile with a burst on a constant rate.

import { z } from 'zod';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { exactRateText } from '../../../core/text/quantity-text.ts';
import { DurationOrNone, type LoadProfile, Rate, RateOrNone, type Segment, StepDuration } from './profile.ts';

export const SpikeOptions = z
  .strictObject({
    kind: z.literal('spike'),
    base: RateOrNone.describe('messages per second before and after'),
    peak: Rate.describe('messages per second of the burst'),
    before: StepDuration.prefault('1m').describe('at the base (default 1m)'),
    rise: DurationOrNone.prefault('0s').describe(
      'duration of the rise from base to peak, and of the fall back (default 0s: at once)',
    ),
    hold: StepDuration.prefault('30s').describe('at the peak (default 30s)'),
    after: StepDuration.prefault('2m').describe('at the base again: how long recovery is watched (default 2m)'),
  })
  .refine(({ base, peak }) => peak > base, { path: ['peak'], message: 'the peak must be above the base' });

export const spike = ({ base, peak, before, rise, hold, after }: z.output<typeof SpikeOptions>): LoadProfile => ({
  describe: () =>
    `${exactRateText(base)}, a spike of ${exactRateText(peak)} for ${exactDurationText(hold)} after ${exactDurationText(before)}`,
  segments: () => {
    const segments: Segment[] = [
      { kind: 'rate', from: base, to: base, duration: before },
      { kind: 'rate', from: base, to: peak, duration: rise },
      { kind: 'rate', from: peak, to: peak, duration: hold },
      { kind: 'rate', from: peak, to: base, duration: rise },
      { kind: 'rate', from: base, to: base, duration: after },
    ];
    return segments.filter(({ duration }) => duration > 0);
  },
});
