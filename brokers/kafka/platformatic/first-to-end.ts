// Runs several endless tasks until the first ends, then aborts the others and rethrows its failure.

import type { Io } from '../../driver.ts';

/**
 * @returns when the first task has ended, and then all others
 * @throws the failure of the first; the aborts of the others are ignored
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
