// Finds the times for which a source has figures, and the gaps between them.

import type { Span } from './load-test-run.ts';

/** A gap of more than this share of the next interval is not timer delay: an interval is missing. */
const widestLateness = 0.5;

/** @returns the gaps between the intervals */
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

/** @returns seconds that at least one of the intervals covers */
export function coveredSeconds(intervals: readonly Span[]): number {
  let [seconds, covered] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    seconds += Math.max(0, to - Math.max(from, covered));
    covered = Math.max(covered, to);
  }
  return seconds;
}
