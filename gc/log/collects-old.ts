// Decides whether a collection cleaned the old generation, so that the rest of the heap is live.

import type { Concurrent, Pause } from './gc-event.ts';

/** A CMS cycle prints no heap: the next young collection shows what it left. */
export const endsOldCycle = (event: Pause | Concurrent): boolean =>
  event.heap === undefined && event.kind === 'concurrent' && event.isCycle && !event.aborted;

/** @param isAfterOldCycle a cycle that printed no heap has ended since the collection before */
export function collectsOld(event: Pause | Concurrent, isAfterOldCycle: boolean): boolean {
  if (event.kind === 'concurrent') {
    const hasFreed = event.isCycle || event.type.startsWith('Concurrent cleanup');
    return hasFreed && !/minor|young/i.test(event.type);
  }
  const showsCycle = isAfterOldCycle && event.type === 'Pause Young';
  return event.isFull || showsCycle || /(?<!prepare )mixed\)?$/i.test(event.type);
}
