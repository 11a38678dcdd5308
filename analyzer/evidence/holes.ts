// Finds the times for which a source has no figures, though it has earlier and later ones.

import type { Span } from './load-test-run.ts';

/** A gap longer than so much of the interval after it is no lateness of a timer: an interval is missing. */
const widestLateness = 0.5;

/** @returns the times between these intervals that none of them covers */
export function holesIn(intervals: readonly Span[]): Span[] {
  const inOrder = intervals.toSorted((a, b) => a.from - b.from);
  const holes: Span[] = [];
  let covered = inOrder[0]?.from ?? 0;
  for (const { from, to } of inOrder) {
    if (from - covered > widestLateness * (to - from)) holes.push({ from: covered, to: from });
    covered = Math.max(covered, to);
  }
  return holes;
}

export const overlap = (one: Span, other: Span): number =>
  Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
