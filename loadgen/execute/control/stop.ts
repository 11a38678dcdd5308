// Stops a load at once on an external request, with its reason in the journal, as a crossed limit does.

import type { Breach, Guard } from '../../guard/guard.ts';

export function createStop(guard: Guard | undefined) {
  let tell: ((breach: Breach) => void) | undefined;
  let requested: Breach | undefined;
  return {
    /** Beside what the given guard watches. */
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
    /** Also before the load begins: it then ends with its first breath. */
    ask(reason: string): void {
      requested ??= { input: 'stop', reason, ends: 'run' };
      tell?.(requested);
    },
  };
}
