// Classifies names as recently active or idle; one observed too briefly is neither.

import type { Clock } from '../../../core/clock.ts';

interface Movements {
  /** Names that are gone are forgotten; one that moved and is not among `known` still counts as moving. */
  next(known: Iterable<string>, moved: Iterable<string>): { moving: string[]; idle: string[] };
}

/** Longer than the minute that a broker's mean covers, and the ten seconds it may be old. */
const idleAfterSeconds = 120;

export function createMovements(clock: Clock): Movements {
  const firstSeen = new Map<string, number>();
  const movedAt = new Map<string, number>();
  return {
    next(known, moved) {
      const now = clock.monotonic();
      const names = new Set(known);
      for (const name of firstSeen.keys()) if (!names.has(name)) firstSeen.delete(name);
      for (const name of names) if (!firstSeen.has(name)) firstSeen.set(name, now);
      for (const name of moved) movedAt.set(name, now);
      for (const [name, at] of movedAt) if (now - at > idleAfterSeconds) movedAt.delete(name);
      const isIdle = (name: string) => !movedAt.has(name) && now - (firstSeen.get(name) ?? now) > idleAfterSeconds;
      return { moving: [...movedAt.keys()], idle: [...names].filter(isIdle) };
    },
  };
}
