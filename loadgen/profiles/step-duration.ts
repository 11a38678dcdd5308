// How long may one rate be held?

import { Duration } from '../../core/quantity.ts';

/** Steps are begun by timers, and a timer counts no further than 2^31 ms, which is 24 days. */
export const longestStepSeconds = 7 * 86_400;

export const StepDuration = Duration.refine((value) => value > 0 && value <= longestStepSeconds, {
  message: 'a step lasts longer than 0s and at most 7d',
});
