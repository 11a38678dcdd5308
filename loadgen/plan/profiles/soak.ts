// Defines the soak profile: one rate long enough to show slow failures such as leaks.

import { z } from 'zod';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { countText, exactRateText } from '../../../core/text/quantity-text.ts';
import { countPieces, mostSteps, segmentsOf } from './pieces.ts';
import { type LoadProfile, ProfileDuration, Rate, StepDuration } from './profile.ts';

export const SoakOptions = z
  .strictObject({
    kind: z.literal('soak'),
    rate: Rate,
    duration: ProfileDuration.describe('total duration, such as 8h or 30d'),
    window: StepDuration.prefault('1h').describe(
      'length of the windows that are judged separately, to locate a decline (default 1h)',
    ),
  })
  .refine(({ duration, window }) => countPieces(duration, window) <= mostSteps, {
    path: ['window'],
    message: `a profile has at most ${countText(mostSteps)} windows; make them longer`,
  });

export const soak = ({ rate, duration, window }: z.output<typeof SoakOptions>): LoadProfile => ({
  describe: () =>
    `${exactRateText(rate)} for ${exactDurationText(duration)}, judged every ${exactDurationText(window)}`,
  segments: () => segmentsOf(duration, window, () => rate),
});
