// Provides real time with shifts, and a wall clock that can be set.

import { type Clock, seconds, systemClock } from '../../core/clock.ts';

export interface ShiftingClock extends Clock {
  /** Advances every clock. */
  advance(seconds: number): void;
  /** Sets the wall clock forward or back, like an administrator or NTP. */
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
