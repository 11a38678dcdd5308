// Waits until a change that the controller has accepted is reported by the brokers.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError, type FaultCode } from '../../core/errors.ts';
import { seconds, type Seconds } from '../../core/units.ts';

const usualPause = seconds(0.2);

interface Patience {
  clock: Clock;
  patience?: Seconds;
  pause?: Seconds;
  code?: FaultCode;
  hint?: string;
}

/**
 * @param missing what is not applied yet, such as `user=alice is still 5`; undefined once all is
 * @throws AppError `code` with it after `patience`
 */
export async function untilApplied(
  { clock, patience = seconds(10), pause = usualPause, code = 'broker-refused', hint }: Patience,
  io: Io,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const text = await missing();
    if (text === undefined) return;
    if (clock.monotonic() > deadline) throw new AppError(code, `${text} after ${patience} s`, { hint });
    await clock.sleep(pause, io);
  }
}
