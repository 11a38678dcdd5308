// Stops waiting for work on abort without cancelling the work, and makes signals that abort after a time.

import { awaitedElsewhere } from './ignore-fault.ts';

/** Settles with the work, or rejects with the signal's reason as soon as it aborts; the work itself continues. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // The work may still fail; nobody waits for that failure any more.
    work.catch(awaitedElsewhere);
    return Promise.reject(signal.reason as Error);
  }
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = () => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  return promise;
}

/** Node rejects fractions of a millisecond, and fires a timer above 31 bits immediately. */
export const timeoutAfter = (seconds: number): AbortSignal =>
  AbortSignal.timeout(Math.min(2 ** 31 - 1, Math.ceil(seconds * 1000)));
