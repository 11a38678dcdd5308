// Defines a load profile: a rate over time whose integral gives the exact intended send times.

import type { MessagesPerSecond, Seconds } from '../../../core/units.ts';

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
