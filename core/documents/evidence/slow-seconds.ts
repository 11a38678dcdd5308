// Defines what seconds with a high send p99 and seconds with a GC pause have in common.

import { z } from 'zod';
import { count, share } from '../values.ts';

const duration = z.number().nonnegative();

export const SlowSeconds = z.strictObject({
  /** With a latency, and those of them that contain a pause. */
  seconds: count,
  secondsWithPause: count,
  /** Whose p99 is above that of their step, and those of them that contain a pause. */
  slowSeconds: count,
  slowSecondsWithPause: count,
  /** Share of the slow seconds that pauses took; absent where there are none. */
  pauseShareOfSlowSeconds: share.optional(),
  /** Median of the p99 of seconds with a pause, and of those without; absent where there are none. */
  p99WithPauseSeconds: duration.optional(),
  p99WithoutPauseSeconds: duration.optional(),
});
export type SlowSeconds = z.infer<typeof SlowSeconds>;
