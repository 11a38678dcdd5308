// Waits until a change that the controller has accepted is reported by the brokers.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds, type Seconds } from '../../core/units.ts';

const pause = seconds(0.2);

/**
 * @param missing what is not applied yet, such as `user=alice is still 5`; undefined once all is
 * @throws AppError broker-refused with it after `patience`
 */
export async function untilApplied(
  missing: (io: Io) => Promise<string | undefined>,
  clock: Clock,
  io: Io,
  { patience = seconds(10), hint }: { patience?: Seconds; hint?: string } = {},
): Promise<void> {
  const deadline = clock.monotonic() + patience;
  for (;;) {
    const text = await missing(io);
    if (text === undefined) return;
    if (clock.monotonic() > deadline) {
      throw new AppError('broker-refused', `${text} after ${patience} s`, { hint });
    }
    await clock.sleep(pause, io);
  }
}
