// Waits, in a rollback, until the cluster is as the next step back needs it.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';

const glance = seconds(2);

/** @param missing what is not yet as it has to be. @throws AppError change-stopped with the last of these */
export async function until(
  { clock, patienceSeconds }: { clock: Clock; patienceSeconds: number },
  io: Io,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = clock.monotonic() + patienceSeconds;
  for (;;) {
    const why = await missing();
    if (why === undefined) return;
    if (clock.monotonic() > deadline) {
      throw new AppError('change-stopped', `the rollback stopped after ${patienceSeconds} s: ${why}`, {
        hint: 'correct the cause, then run --abort again',
      });
    }
    await clock.sleep(glance, io);
  }
}
