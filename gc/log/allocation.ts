// Derives the application's allocation from heap sizes before and after collections.

import type { Concurrent, HeapChange, Moment, Pause } from './gc-event.ts';

/** Heap at the end of a collection. */
export interface HeapAfter {
  afterBytes: number;
  atSeconds?: number | undefined;
  /** Highest number so far: a skipped number belongs to a collection that has not ended. */
  gcId?: number | undefined;
}

type Collection = Pause | Concurrent;

export function heapAfter(
  { start, durationSeconds = 0, gcId }: Collection,
  { afterBytes }: HeapChange,
  last: HeapAfter | undefined,
): HeapAfter {
  const at = secondsOf(start);
  return {
    afterBytes,
    atSeconds: at === undefined ? undefined : Math.max(at + durationSeconds, last?.atSeconds ?? 0),
    gcId: gcId === undefined ? undefined : Math.max(gcId, last?.gcId ?? 0),
  };
}

/**
 * @returns bytes allocated since `last`, without parts that the log does not show, and their seconds if the log has
 * timestamps; undefined if the log shows nothing
 */
export function allocationSince(last: HeapAfter | undefined, event: Collection, { beforeBytes }: HeapChange) {
  const start = secondsOf(event.start);
  const { durationSeconds } = event;
  // A collection within another one includes the same allocation.
  const isOverlapping = last?.atSeconds !== undefined && start !== undefined && start < last.atSeconds;
  const seconds = last?.atSeconds === undefined || start === undefined ? undefined : start - last.atSeconds;
  if (!isZCycle(event)) {
    if (last === undefined || isOverlapping) return undefined;
    const bytes = Math.max(0, beforeBytes - last.afterBytes);
    return { bytes, seconds: seconds === undefined ? undefined : seconds + (durationSeconds ?? 0) };
  }
  // Only ZGC's table shows allocation during a cycle, and a cycle without duration hides the time in between.
  const { allocatedBytes } = event;
  const isNext = event.gcId === undefined || last?.gcId === undefined || event.gcId === last.gcId + 1;
  const isShown = durationSeconds !== undefined || allocatedBytes !== undefined;
  if (last === undefined || isOverlapping || !isNext || !isShown || beforeBytes < last.afterBytes) {
    if (allocatedBytes === undefined || durationSeconds === undefined) return undefined;
    return { bytes: allocatedBytes, seconds: durationSeconds };
  }
  const between = beforeBytes - last.afterBytes;
  if (allocatedBytes === undefined) return { bytes: between, seconds };
  return {
    bytes: between + allocatedBytes,
    seconds: seconds === undefined ? undefined : seconds + (durationSeconds ?? 0),
  };
}

/** True if the log shows allocation during the event; stop-the-world events have none. */
export const showsAllocation = (event: Collection): boolean => !isZCycle(event) || event.allocatedBytes !== undefined;

export const secondsOf = ({ uptimeSeconds, epochMs }: Moment): number | undefined =>
  uptimeSeconds ?? (epochMs === undefined ? undefined : epochMs / 1000);

/** Excludes Shenandoah phases that print the heap: they are short, without gaps between them. */
const isZCycle = (event: Collection): event is Concurrent =>
  event.kind === 'concurrent' && !event.type.startsWith('Concurrent ');
