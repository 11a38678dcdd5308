// Decides whether a collection cleaned the old generation, so that the rest of the heap is live.

import type { Concurrent, Pause } from './gc-event.ts';

/**
 * A CMS cycle prints no heap: the next young collection shows the result. Shenandoah frees evacuated regions after it
 * has updated references; the cleanup before evacuation shows no live set, so a cycle without evacuation has none.
 */
export function endsOldCycle(event: Pause | Concurrent): boolean {
  if (event.kind === 'pause') return false;
  if (event.type.startsWith('Concurrent update references')) return !isYoung(event.type);
  return event.heap === undefined && event.isCycle && !event.aborted;
}

/** @param isAfterOldCycle true if a cycle without a heap in the log has ended since the previous collection */
export function collectsOld(event: Pause | Concurrent, isAfterOldCycle: boolean): boolean {
  if (event.kind === 'concurrent') {
    const isCleanup = isAfterOldCycle && event.type.startsWith('Concurrent cleanup');
    return (event.isCycle || isCleanup) && !isYoung(event.type);
  }
  // A degenerated collection finishes the cycle in a pause.
  const showsCycle = isAfterOldCycle && /^Pause (?:Young$|Degenerated(?! GC \(Young\)))/.test(event.type);
  return event.isFull || showsCycle || /(?<!prepare )mixed\)?$/i.test(event.type);
}

/** Shenandoah logs the generation with its cleanups, but not where it updates references. */
export const endsYoungCycle = ({ type }: Pause | Concurrent): boolean =>
  /^(?:Concurrent cleanup|Pause Degenerated GC) \(Young\)/.test(type);

const isYoung = (type: string): boolean => /minor|young/i.test(type);
