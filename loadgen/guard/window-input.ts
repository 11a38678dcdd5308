// Is the window still open in which load may be driven?

import type { LoadTestWindow } from '../../brokers/load-test-permission.ts';
import type { Clock } from '../../core/clock.ts';
import type { GuardInput } from './guard-input.ts';
import { describeWindow, minutesLeft } from './window.ts';

export const windowInput = (window: LoadTestWindow, clock: Clock): GuardInput => ({
  name: `minutes left of the window ${describeWindow(window)}`,
  everySeconds: 1,
  below: 1,
  ends: 'run',
  read: async () => minutesLeft(window, clock.now()) ?? 0,
});
