// Defines the limits of step and profile durations.

import { Duration } from '../../../core/text/quantity.ts';

/** Timers begin steps, and a timer is limited to 2^31 ms, which is 24 days. */
export const longestStepSeconds = 7 * 86_400;
const longestProfileSeconds = 366 * 86_400;

export const StepDuration = Duration.refine((value) => value > 0 && value <= longestStepSeconds, {
  message: 'a step lasts longer than 0s and at most 7d',
});

export const ProfileDuration = Duration.refine((value) => value > 0 && value <= longestProfileSeconds, {
  message: 'a profile lasts longer than 0s and at most 366d',
});

/** Duration of optional parts: a rise, a pause. */
export const DurationOrNone = Duration.refine((value) => value <= longestStepSeconds, {
  message: 'it lasts at most 7d',
});
