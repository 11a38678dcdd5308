// Selects which items to read in each snapshot, those not read for the longest time first.

import type { Clock } from '../../../core/clock.ts';

interface ReadRotation<Value> {
  /** Forgets who is not among them any more. @returns those to read now, at most so many */
  due(names: readonly string[], most: number): string[];
  put(name: string, value: Value): void;
  /** Of all that were read, by name. */
  values(): ReadonlyMap<string, Value>;
}

export function createReadRotation<Value>({
  clock,
  everySeconds,
}: {
  clock: Clock;
  everySeconds: number;
}): ReadRotation<Value> {
  const read = new Map<string, { value: Value; at: number }>();
  return {
    due(names, most) {
      const known = new Set(names);
      for (const name of read.keys()) if (!known.has(name)) read.delete(name);
      const now = clock.monotonic();
      return names
        .map((name) => ({ name, at: read.get(name)?.at ?? -Infinity }))
        .filter(({ at }) => now - at >= everySeconds)
        .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
        .slice(0, most)
        .map(({ name }) => name);
    },
    put(name, value) {
      read.set(name, { value, at: clock.monotonic() });
    },
    values: () => new Map([...read].map(([name, { value }]) => [name, value])),
  };
}
