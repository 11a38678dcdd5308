// Stops a load at once on an external request, with its reason in the journal, as a crossed limit does.

import type { Breach, Guard } from '../../guard/guard.ts';

export interface Stop {
  /** Beside what the given guard watches. */
  guard: Guard;
  /** Also before the load begins: it then ends with its first breath. */
  ask(reason: string): void;
}

export function createStop(guard: Guard | undefined): Stop {
  let tell: ((breach: Breach) => void) | undefined;
  let asked: Breach | undefined;
  return {
    guard: {
      async watch(io) {
        tell = io.onBreach;
        if (asked !== undefined) tell(asked);
        await guard?.watch(io);
      },
      observe: (lines) => guard?.observe(lines),
      see: (records) => guard?.see(records),
    },
    ask(reason) {
      asked ??= { input: 'stop', reason, ends: 'run' };
      tell?.(asked);
    },
  };
}
