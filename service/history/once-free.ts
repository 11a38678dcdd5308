// Retries a write to the history for up to a minute while another process reads or writes it.

import { type Clock, seconds } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';

const mostAttempts = 6;
const between = seconds(10);

/** Whether another process reads or writes the history, such as a tool of the administrator. */
export const isInUse = (cause: unknown): boolean => cause instanceof AppError && cause.code === 'ledger-in-use';

/** For results that took minutes to compute. @throws AppError ledger-in-use after the last attempt; and any fault of `write` */
export async function onceFree<Value>(
  write: () => Value,
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return write();
    } catch (cause) {
      if (attempt === mostAttempts || !isInUse(cause)) throw cause;
      await clock.sleep(between, { signal });
    }
  }
}
