// Computes the load in each column of a drawing from the segments.

import type { Segment } from '../../loadgen/plan/profiles/profile.ts';

export interface LoadCurve {
  /** Highest load in each column, so that a short spike in a long run is visible. */
  heights: readonly number[];
  highest: number;
  seconds: number;
  /** Messages per second, senders that wait for responses, or messages. */
  unit: 'rate' | 'lanes' | 'count';
}

/** @returns undefined if nothing is planned in advance, as in a search */
export function loadCurve(segments: readonly Segment[], columns: number): LoadCurve | undefined {
  const seconds = segments.reduce((sum, { duration }) => sum + duration, 0);
  if (!(seconds > 0)) return undefined;
  const heights = Array.from({ length: columns }, () => 0);
  let start = 0;
  for (const segment of segments) {
    const end = start + segment.duration;
    const first = Math.min(columns - 1, Math.floor((start / seconds) * columns));
    const last = Math.min(columns - 1, Math.max(first, Math.ceil((end / seconds) * columns - 1e-9) - 1));
    for (let column = first; column <= last; column++) {
      const from = Math.max(start, (column / columns) * seconds);
      const to = Math.min(end, ((column + 1) / columns) * seconds);
      const height = Math.max(levelAt(segment, from - start), levelAt(segment, to - start));
      heights[column] = Math.max(heights[column] ?? 0, height);
    }
    start = end;
  }
  return {
    heights,
    highest: heights.reduce((high, height) => Math.max(high, height), 0),
    seconds,
    unit: segments.some(({ kind }) => kind === 'lanes') ? 'lanes' : 'rate',
  };
}

function levelAt(segment: Segment, moment: number): number {
  if (segment.kind === 'lanes') return segment.lanes;
  const share = Math.min(1, Math.max(0, moment / segment.duration));
  return segment.from + (segment.to - segment.from) * share;
}
