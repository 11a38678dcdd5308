// Defines the overlap of seconds with a high send p99 and seconds with a GC pause.

import { z } from 'zod';
import { count, share } from '../values.ts';

const duration = z.number().nonnegative();

export const SlowSeconds = z.strictObject({
  /** Seconds with a latency, and those of them with a pause. */
  seconds: count,
  secondsWithPause: count,
  /** Seconds whose p99 is above that of their step, and those of them with a pause. */
  slowSeconds: count,
  slowSecondsWithPause: count,
  /** Share of pauses in the slow seconds; absent if there are none. */
  pauseShareOfSlowSeconds: share.optional(),
  /** Median p99 of seconds with a pause, and of those without; absent if there are none. */
  p99WithPauseSeconds: duration.optional(),
  p99WithoutPauseSeconds: duration.optional(),
});
export type SlowSeconds = z.infer<typeof SlowSeconds>;
