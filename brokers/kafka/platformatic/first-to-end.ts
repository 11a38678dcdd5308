// Runs several endless tasks until the first ends, then aborts the others and rethrows a failure.

import type { Io } from '../../driver.ts';

/**
 * @returns once all have ended, which is when the first of them has
 * @throws what the first failed with; that the others were stopped is no failure
 */
export async function untilFirstEnds(works: readonly ((io: Io) => Promise<void>)[], { signal }: Io): Promise<void> {
  const ended = new AbortController();
  const io = { signal: AbortSignal.any([signal, ended.signal]) };
  const run = async (work: (io: Io) => Promise<void>) => {
    try {
      await work(io);
    } catch (cause) {
      if (!ended.signal.aborted) throw cause;
    } finally {
      ended.abort();
    }
  };
  await Promise.all(works.map(run));
}
