// Limits how long a kafkajs client may take to leave its group when the broker is gone.

import { ignoreFault } from '../../../core/errors.ts';

const leaveTimeoutMs = 1500;

export async function withinLeaveTimeout(farewell: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, leaveTimeoutMs);
  await Promise.race([farewell.catch(ignoreFault('the broker notices a closed connection itself')), late]).finally(() =>
    clearTimeout(timer),
  );
}
