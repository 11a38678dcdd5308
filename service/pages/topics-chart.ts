// Splits the produced messages of a cluster by topic: the largest, the sum of the others, and which topics are new.

import { readingsLevels } from '../../core/readings-range.ts';
import type { ReadingsChart, ReadingsLine, SlotValues } from '../../dashboards/web/readings/readings-view.ts';
import { defined } from '../../core/defined.ts';
import { lineOf, mostLines, withoutPeaks, type ReadingsQuery, type Kept } from './readings-lines.ts';

const minuteMs = 60_000;
/** A first rate needs two readings, so a topic seen earlier than this may have existed before the record. */
const leastMinutesBefore = 5;

/** Draws stacked areas, the largest first; no lines if no rate by topic is known. */
export function topicsChart(kept: Kept, query: ReadingsQuery): ReadingsChart {
  const produced = (of: 'cluster' | 'topic', name: string) =>
    lineOf(of === 'topic' ? { name } : 'subject', kept, { of, name, figure: 'produceTps' }, query)[0];
  const topics = (kept?.names('topic') ?? []).flatMap((name) => {
    const line = produced('topic', name);
    return line === undefined ? [] : [{ name, line, sum: sumOf(line.mean) }];
  });
  const ranked = topics.toSorted((one, other) => other.sum - one.sum);
  const drawn = ranked.slice(0, mostLines);
  const all = produced('cluster', '');
  const rest = othersOf(all?.mean, drawn);
  const isNew = newTopics(kept, query);
  return {
    of: 'topics',
    unit: 'rate',
    isStacked: true,
    lines:
      drawn.length === 0
        ? []
        : [
            ...drawn.map(({ name, line }) => ({
              ...withoutPeaks(line),
              label: { name, ...(isNew(name) && { isNew: true as const }) },
            })),
            ...(rest === undefined
              ? []
              : [{ label: 'others' as const, mean: rest, ...defined({ last: lastOfOthers(all, drawn) }) }]),
          ],
    limits: [],
    notDrawn: 0,
  };
}

const sumOf = (values: SlotValues) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Minimum share of the rest, because two readings of the same slot differ slightly. */
const leastShare = 0.005;

/** Computes the cluster rate minus the drawn topics. @returns undefined if the rest is negligible */
function othersOf(all: SlotValues | undefined, drawn: readonly { line: ReadingsLine }[]): SlotValues | undefined {
  const rest = all?.map(
    (value, slot) => value && Math.max(0, value - drawn.reduce((sum, { line }) => sum + (line.mean[slot] ?? 0), 0)),
  );
  return rest === undefined || all === undefined || sumOf(rest) < leastShare * sumOf(all) ? undefined : rest;
}

/** @returns undefined if a drawn topic has no current reading */
function lastOfOthers(all: ReadingsLine | undefined, drawn: readonly { line: ReadingsLine }[]): number | undefined {
  const lasts = drawn.map(({ line }) => (line.mean.at(-1) === undefined ? undefined : line.last));
  const sum = lasts.reduce((known, last) => (known !== undefined && last !== undefined ? known + last : undefined), 0);
  return all?.last === undefined || sum === undefined ? undefined : Math.max(0, all.last - sum);
}

/**
 * A topic is new if readings of the cluster began before its first one and that one is within the range. If some topics
 * are not stored, a late start may only mean that the topic became large enough.
 */
export function newTopics(
  kept: Kept,
  { range, nowMs }: Pick<ReadingsQuery, 'range' | 'nowMs'>,
): (name: string) => boolean {
  if (kept === undefined || kept.leftOut.topic > 0) return () => false;
  const firstOf = (of: 'cluster' | 'topic', name: string) =>
    kept.points({ of, name, figure: 'produceTps' }, '24h', nowMs)[0]?.atMs;
  const since = firstOf('cluster', '');
  if (since === undefined) return () => false;
  const { slotMs, slots } = readingsLevels[range];
  return (name) => {
    const first = firstOf('topic', name);
    return first !== undefined && first > since + leastMinutesBefore * minuteMs && first > nowMs - slotMs * slots;
  };
}
