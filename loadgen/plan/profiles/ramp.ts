// Defines the profile whose rate changes linearly.

import { z } from 'zod';
import { messagesPerSecond } from '../../../core/units.ts';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { countText, exactRateText } from '../../../core/text/quantity-text.ts';
import { countPieces, mostSteps, segmentsOf } from './pieces.ts';
import { type LoadProfile, ProfileDuration, RateOrNone, StepDuration } from './profile.ts';

export const RampOptions = z
  .strictObject({
    kind: z.literal('ramp'),
    from: RateOrNone,
    to: RateOrNone,
    duration: ProfileDuration.describe('duration of the ramp, such as 10m'),
    step: StepDuration.prefault('20s').describe('length of the windows that are judged separately (default 20s)'),
  })
  .refine(({ from, to }) => from + to > 0, { path: ['to'], message: 'a ramp from 0 to 0 sends nothing' })
  .refine(({ duration, step }) => countPieces(duration, step) <= mostSteps, {
    path: ['step'],
    message: `a profile has at most ${countText(mostSteps)} steps; make them longer`,
  });

export const ramp = ({ from, to, duration, step }: z.output<typeof RampOptions>): LoadProfile => ({
  describe: () => `from ${exactRateText(from)} to ${exactRateText(to)} in ${exactDurationText(duration)}`,
  segments: () => segmentsOf(duration, step, (moment) => messagesPerSecond(from + ((to - from) * moment) / duration)),
});
