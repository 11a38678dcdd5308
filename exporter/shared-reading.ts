// How do scrapes that come at the same time cost the cluster one reading? The later ones join the one under way.

import { untilAborted } from '../core/abort.ts';

type Read<T> = (io: { signal: AbortSignal }) => Promise<T>;

/**
 * Each caller waits no longer than its own signal. The reading is aborted when nobody waits for it any more, and a new
 * one starts only after it has ended: a target that hangs holds one reading, however often it is scraped.
 */
export function shareReading<T>(read: Read<T>): Read<T> {
  let current: { result: Promise<T>; waiting: number; controller: AbortController } | undefined;

  function start() {
    const controller = new AbortController();
    const result = read({ signal: controller.signal }).finally(() => (current = undefined));
    // Whoever waits hears of a failure; when nobody does any more, nobody needs to.
    result.catch(() => {});
    return { result, waiting: 0, controller };
  }

  return async ({ signal }) => {
    while (current?.controller.signal.aborted)
      await untilAborted(
        current.result.catch(() => {}),
        signal,
      );
    const joined = (current ??= start());
    joined.waiting++;
    try {
      return await untilAborted(joined.result, signal);
    } finally {
      if (--joined.waiting === 0) joined.controller.abort();
    }
  };
}
