// Waits until the brokers report a change that the controller has accepted.

import type { Io } from '../../brokers/driver.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import { AppError, type FaultCode } from '../../core/errors.ts';

const usualPause = seconds(0.2);
const usualText = (missing: string, patience: Seconds) => `${missing} after ${patience} s`;

interface Patience {
  clock: Clock;
  patience?: Seconds;
  pause?: Seconds;
  code?: FaultCode;
  hint?: string | undefined;
  text?: (missing: string, patience: Seconds) => string;
}

/**
 * @param missing returns what is not applied yet, such as `user=alice is still 5`; undefined once all is applied
 * @throws AppError `code` with that text after `patience`
 */
export async function untilApplied(
  { clock, patience = seconds(10), pause = usualPause, code = 'broker-refused', hint, text = usualText }: Patience,
  io: Io,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const why = await missing();
    if (why === undefined) return;
    if (clock.monotonic() > deadline) throw new AppError(code, text(why, patience), { hint });
    await clock.sleep(pause, io);
  }
}
