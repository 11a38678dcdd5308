// Stops a load at once on an external request, with its reason in the journal, as a crossed limit does.

import type { Breach, Guard } from '../../guard/guard.ts';

interface Stop {
  /** Beside what the given guard watches. */
  guard: Guard;
  /** Also before the load begins: it then ends with its first breath. */
  ask(reason: string): void;
}

export function createStop(guard: Guard | undefined): Stop {
  let tell: ((breach: Breach) => void) | undefined;
  let requested: Breach | undefined;
  return {
    guard: {
      async watch(io) {
        tell = io.onBreach;
        if (requested !== undefined) tell(requested);
        await guard?.watch(io);
      },
      observe: (lines) => guard?.observe(lines),
      completeSecond: () => guard?.completeSecond(),
      see: (records) => guard?.see(records),
    },
    ask(reason) {
      requested ??= { input: 'stop', reason, ends: 'run' };
      tell?.(requested);
    },
  };
}
