// Stops a load at once on an external request and records the reason in the journal, like a breach of a limit.

import type { Breach, Guard } from '../../guard/guard.ts';

export function createStop(guard: Guard | undefined) {
  let tell: ((breach: Breach) => void) | undefined;
  let requested: Breach | undefined;
  return {
    /** Adds the stop request to what the given guard watches. */
    guard: {
      async watch(io) {
        tell = io.onBreach;
        if (requested !== undefined) tell(requested);
        await guard?.watch(io);
      },
      observe: (lines) => guard?.observe(lines),
      completeSecond: () => guard?.completeSecond(),
      see: (records) => guard?.see(records),
    } satisfies Guard,
    /** May be called before the load begins; the load then ends immediately. */
    ask(reason: string): void {
      requested ??= { input: 'stop', reason, ends: 'run' };
      tell?.(requested);
    },
  };
}
