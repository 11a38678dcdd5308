// Selects the items to read in each snapshot, those with the oldest reading first.

import type { Clock } from '../../../core/clock.ts';
import { pipelined } from '../../pipelined.ts';

interface Pace {
  least: number;
  atOnce: number;
  withinSeconds: number;
}

const periodsKept = 3;

export function createReadRotation<Value>({ clock, everySeconds }: { clock: Clock; everySeconds: number }) {
  const read = new Map<string, { value: Value; at: number }>();
  let refreshedAt: number | undefined;

  /** Drops the state of items not in `names`. @returns the items to read now, at most `most` */
  function due(names: readonly string[], most: number): string[] {
    const known = new Set(names);
    for (const name of read.keys()) if (!known.has(name)) read.delete(name);
    const now = clock.monotonic();
    return names
      .map((name) => ({ name, at: read.get(name)?.at ?? -Infinity }))
      .filter(({ at }) => now - at >= everySeconds)
      .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
      .slice(0, most)
      .map(({ name }) => name);
  }

  function put(name: string, value: Value): void {
    read.set(name, { value, at: clock.monotonic() });
  }

  return {
    due,
    /**
     * Reads due items: enough to read each once per period, and at least `least`. Items that do not fit in the time
     * come first in the next call. Rejects with the first failure; values read before it count.
     */
    async refresh(
      names: readonly string[],
      { least, atOnce, withinSeconds }: Pace,
      readOne: (name: string) => Promise<Value>,
    ): Promise<void> {
      const now = clock.monotonic();
      const share = refreshedAt === undefined ? 0 : Math.min(1, (now - refreshedAt) / everySeconds);
      refreshedAt = now;
      await pipelined(due(names, Math.max(least, Math.ceil(names.length * share))), atOnce, async (name) => {
        if (clock.monotonic() - now < withinSeconds) put(name, await readOne(name));
      });
    },
    put,
    /** Returns values read within three periods, by name; older values may no longer be true. */
    values(): ReadonlyMap<string, Value> {
      const earliest = clock.monotonic() - periodsKept * everySeconds;
      return new Map([...read].flatMap(([name, { value, at }]) => (at >= earliest ? [[name, value] as const] : [])));
    },
    /** Returns all values by name, however old. */
    lastValues: (): ReadonlyMap<string, Value> => new Map([...read].map(([name, { value }]) => [name, value])),
  };
}
