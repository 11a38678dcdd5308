// Derives what the application allocated from the heap sizes before and after collections.

import type { Concurrent, HeapChange, Moment, Pause } from './gc-event.ts';

/** The heap when a collection had ended. */
export interface HeapAfter {
  afterBytes: number;
  atSeconds?: number | undefined;
  /** The highest until then: one that is left out is of a collection that has not ended. */
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

/** @returns what was allocated since `last`, without the parts the log does not show, and the seconds of a log with stamps; undefined where it shows none */
export function allocationSince(last: HeapAfter | undefined, event: Collection, { beforeBytes }: HeapChange) {
  const start = secondsOf(event.start);
  const { durationSeconds } = event;
  // A collection within another one has seen the same allocation.
  const isOverlapping = last?.atSeconds !== undefined && start !== undefined && start < last.atSeconds;
  const seconds = last?.atSeconds === undefined || start === undefined ? undefined : start - last.atSeconds;
  if (!isZCycle(event)) {
    if (last === undefined || isOverlapping) return undefined;
    const bytes = Math.max(0, beforeBytes - last.afterBytes);
    return { bytes, seconds: seconds === undefined ? undefined : seconds + (durationSeconds ?? 0) };
  }
  // What is allocated during a cycle of ZGC is in its table only, and a cycle without a length hides the time between.
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

/** Whether the log shows what was allocated while it ran; nothing is while all threads are stopped. */
export const showsAllocation = (event: Collection): boolean => !isZCycle(event) || event.allocatedBytes !== undefined;

export const secondsOf = ({ uptimeSeconds, epochMs }: Moment): number | undefined =>
  uptimeSeconds ?? (epochMs === undefined ? undefined : epochMs / 1000);

/** Phases of Shenandoah that print the heap are short, and follow each other without a gap. */
const isZCycle = (event: Collection): event is Concurrent =>
  event.kind === 'concurrent' && !event.type.startsWith('Concurrent ');
