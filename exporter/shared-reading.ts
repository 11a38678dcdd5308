// Shares one read between concurrent scrapes: later ones join the read in progress.

import { untilAborted } from '../core/clock.ts';
import { awaitedElsewhere, ignoreFault } from '../core/errors.ts';

type Read<T> = (io: { signal: AbortSignal }) => Promise<T>;

/**
 * Each caller waits only until its own signal aborts. The reading is aborted when it has no callers left, and a new
 * one starts only after it has ended: a hanging target occupies one reading, however often it is scraped.
 *
 * @param graceMs how long a caller still waits after its signal aborts, since an aborted reading may return partial results
 */
export function shareReading<T>(read: Read<T>, graceMs = 0): Read<T> {
  let current: { result: Promise<T>; waiting: number; controller: AbortController } | undefined;

  function start() {
    const controller = new AbortController();
    const result = read({ signal: controller.signal }).finally(() => (current = undefined));
    // Callers that wait get the failure; without callers it is ignored.
    result.catch(awaitedElsewhere);
    return { result, waiting: 0, controller };
  }

  return async ({ signal }) => {
    while (current?.controller.signal.aborted)
      await untilAborted(current.result.catch(ignoreFault('its own callers get the failure')), signal);
    const joined = (current ??= start());
    joined.waiting++;
    try {
      return await untilAborted(joined.result, signal);
    } catch (cause) {
      if (!signal.aborted) throw cause;
    } finally {
      if (--joined.waiting === 0) joined.controller.abort(signal.reason);
    }
    if (graceMs === 0) throw signal.reason as Error;
    return untilAborted(joined.result, AbortSignal.timeout(graceMs));
  };
}
