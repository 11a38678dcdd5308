// Defines a load profile: a rate over time whose integral gives the exact intended send times.

import type { MessagesPerSecond, Seconds } from '../../../core/units.ts';

/** A stretch of the schedule: a rate whose integral gives the send times, or a closed loop. */
export type Segment = RateSegment | ClosedLoopSegment;

export interface RateSegment {
  kind: 'rate';
  /** Rate at the start and at the end of the segment; linear in between. 0 sends nothing: a pause, a drain. */
  from: MessagesPerSecond;
  to: MessagesPerSecond;
  duration: Seconds;
}

/** So many sends outstanding over all workers, the next one as soon as one is answered. */
interface ClosedLoopSegment {
  kind: 'lanes';
  lanes: number;
  duration: Seconds;
}

export interface LoadProfile {
  /** One line for people: `5 steps of 20 s from 1,000 to 5,000 msg/s`. */
  describe(): string;
  /** Steps in order; each is judged on its own. A searching generator is not a profile. */
  segments(): readonly Segment[];
  /** When every consumer is stopped, counted from the first segment; none by default. */
  consumersStopped?(): readonly { from: Seconds; to: Seconds }[];
}
