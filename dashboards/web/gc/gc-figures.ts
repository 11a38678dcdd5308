// Formats figures of a GC log: shares with their time span, and upper bounds.

import { type GcLogTotals, stopBounds } from '../../../core/documents/evidence/gc-log-reading.ts';
import type { View } from '../view.ts';
import type { GcPoint } from './gc-view.ts';
import { gcLanguages } from './gc-texts.ts';

/** @returns undefined if unknown */
export function stoppedShare(point: GcPoint | undefined, of: 'gcSeconds' | 'otherSeconds'): number | undefined {
  const stopped = point?.[of];
  if (point === undefined || stopped === undefined || point.toMs <= point.fromMs) return undefined;
  // Limited to 1, because a stop counts when it ends, and part of it may be before the interval.
  return Math.min(1, stopped / ((point.toMs - point.fromMs) / 1000));
}

export function stoppedText(
  point: GcPoint | undefined,
  of: 'gcSeconds' | 'otherSeconds',
  { numbers, language }: View,
): string | undefined {
  const share = stoppedShare(point, of);
  if (share === undefined || point === undefined) return undefined;
  return gcLanguages[language].share(numbers.percent(share), numbers.until((point.toMs - point.fromMs) / 1000));
}

/** @returns undefined if no pause was counted in the interval, or the count is unknown */
export function longestText(
  point: GcPoint | undefined,
  totals: GcLogTotals | undefined,
  { numbers, language }: View,
): string | undefined {
  const texts = gcLanguages[language];
  if (point?.pauses === undefined) return undefined;
  const { longestSeconds: longest } = point;
  if (longest === undefined) return texts.none;
  const exact = exactOf(longest, totals);
  return exact === undefined ? boundText(longest, numbers, language) : numbers.seconds(exact);
}

/** @returns the length of the only pause up to this bound and above the previous one; undefined if there may be others */
function exactOf(bound: number, totals: GcLogTotals | undefined): number | undefined {
  const index = stopBounds.findIndex((each) => each === bound);
  const inBucket = (totals?.pauses ?? []).filter(({ histogram }) => (histogram.buckets[index] ?? 0) > 0);
  const [only] = inBucket.length === 1 ? inBucket : [];
  return only?.histogram.count === 1 ? only.histogram.seconds : undefined;
}

/** @param bound of a histogram of stops, or Infinity */
export function boundText(bound: number, numbers: View['numbers'], language: View['language']): string {
  const texts = gcLanguages[language];
  return Number.isFinite(bound)
    ? texts.atMost(numbers.seconds(bound))
    : texts.above(numbers.seconds(stopBounds.at(-1) ?? 0));
}

/** @returns the upper bound of this share of the stops; undefined without stops */
export function quantileBound(
  { buckets, count }: { buckets: readonly number[]; count: number },
  share: number,
): number | undefined {
  if (count === 0) return undefined;
  let below = 0;
  for (const [index, stops] of buckets.entries()) {
    below += stops;
    if (below >= share * count) return stopBounds[index];
  }
  return Infinity;
}
