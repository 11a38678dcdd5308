// Defines a load profile: a rate over time whose integral gives the exact intended send times. Limits rates and durations.

import { type MessagesPerSecond, messagesPerSecond } from '../../../core/units.ts';
import type { Seconds } from '../../../core/clock.ts';
import { z } from 'zod';
import { branded, Duration } from '../../../core/text/quantity.ts';

/** Part of the schedule: a rate with an integral that gives the send times, or a closed loop. */
export type Segment = RateSegment | ClosedLoopSegment;

export interface RateSegment {
  kind: 'rate';
  /** Rate at the start and at the end of the segment; linear in between. 0 sends nothing: a pause, a drain. */
  from: MessagesPerSecond;
  to: MessagesPerSecond;
  duration: Seconds;
}

/** A fixed number of outstanding sends over all workers; each response triggers the next send. */
interface ClosedLoopSegment {
  kind: 'lanes';
  lanes: number;
  duration: Seconds;
}

export interface LoadProfile {
  /** Returns one line for people: `5 steps of 20 s from 1,000 to 5,000 msg/s`. */
  describe(): string;
  /** Returns steps in order; each is judged separately. A search is not a profile. */
  segments(): readonly Segment[];
  /** Returns when all consumers are stopped, counted from the first segment; none by default. */
  consumersStopped?(): readonly { from: Seconds; to: Seconds }[];
}

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
