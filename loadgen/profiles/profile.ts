// What is a load profile? A rate over time whose integral gives the exact intended send times.

import type { MessagesPerSecond, Seconds } from '../../core/units.ts';

export interface Segment {
  /** Rate at the start and at the end of the segment; linear in between. */
  from: MessagesPerSecond;
  to: MessagesPerSecond;
  duration: Seconds;
}

export interface LoadProfile {
  /** One line for people: `5 steps of 20 s from 1,000 to 5,000 msg/s`. */
  describe(): string;
  /** Steps in order; each is judged on its own. A searching generator is not a profile. */
  segments(): readonly Segment[];
}
