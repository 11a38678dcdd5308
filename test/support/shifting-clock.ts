// Provides real time with shifts, and a wall clock that can be set.

import { systemClock, type Clock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';

export interface ShiftingClock extends Clock {
  /** Time passes, by every clock there is. */
  advance(seconds: number): void;
  /** The wall clock is set forward, or back, as by somebody or by NTP. */
  stepWall(seconds: number): void;
}

export function createShiftingClock(): ShiftingClock {
  let passed = 0;
  let stepped = 0;
  return {
    now: () => new Date(systemClock.now().getTime() + (passed + stepped) * 1000),
    monotonic: () => seconds(systemClock.monotonic() + passed),
    sleep: (duration, options) => systemClock.sleep(duration, options),
    advance(by) {
      passed += by;
    },
    stepWall(by) {
      stepped += by;
    },
  };
}
