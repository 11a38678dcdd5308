// Stops a run when its load test window closes.

import type { LoadTestWindow } from '../../core/policy/load-test-permission.ts';
import type { Clock } from '../../core/clock.ts';
import type { GuardInput } from './guard-input.ts';
import { describeWindow, minutesLeft } from './window.ts';

export const windowInput = (window: LoadTestWindow, clock: Clock): GuardInput => ({
  name: 'window',
  reason: `the window for load tests (${describeWindow(window)}) closes`,
  everySeconds: 1,
  oldestSeconds: Infinity,
  below: 1,
  ends: 'run',
  read: async () => minutesLeft(window, clock.now()) ?? 0,
});
