// Defines the profile that stops consumers while a backlog grows and then drains it under load.

import { z } from 'zod';
import { seconds } from '../../../core/clock.ts';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { exactRateText } from '../../../core/text/quantity-text.ts';
import { type LoadProfile, Rate, RateOrNone, StepDuration } from './profile.ts';

export const BacklogAndDrainOptions = z.strictObject({
  kind: z.literal('backlog-and-drain'),
  rate: Rate.describe('messages per second while consumers are stopped'),
  backlog: StepDuration.prefault('1m').describe('how long consumers are stopped (default 1m)'),
  drainRate: RateOrNone.optional().describe(
    'messages per second while they catch up (default: the same rate; 0: only the backlog is consumed)',
  ),
  drain: StepDuration.prefault('2m').describe('time for consumers to catch up (default 2m)'),
});

export const backlogAndDrain = ({
  rate,
  backlog,
  drainRate = rate,
  drain,
}: z.output<typeof BacklogAndDrainOptions>): LoadProfile => ({
  describe: () =>
    `a backlog of ${exactDurationText(backlog)} at ${exactRateText(rate)}, drained within ${exactDurationText(drain)} at ${exactRateText(drainRate)}`,
  segments: () => [
    { kind: 'rate', from: rate, to: rate, duration: backlog },
    { kind: 'rate', from: drainRate, to: drainRate, duration: drain },
  ],
  consumersStopped: () => [{ from: seconds(0), to: backlog }],
});
