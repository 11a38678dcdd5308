// Formats figures of a GC log: shares with their time span, and upper bounds.

import { stopBounds } from '../../../core/documents/evidence/gc-log-reading.ts';
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
export function longestText(point: GcPoint | undefined, { numbers, language }: View): string | undefined {
  const texts = gcLanguages[language];
  if (point?.pauses === undefined) return undefined;
  const { longestSeconds: longest } = point;
  if (longest === undefined) return texts.none;
  return boundText(longest, numbers, language);
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
