// Defines the parser state for continuing in the middle of a record or run: plain JSON of limited size.

import type { GcCollector, Moment, Pause } from '../gc-event.ts';
import type { CycleState } from './concurrent-line.ts';
import type { OpenRecord } from './record-assembler.ts';
import { noWriters, type WritersState } from './writers.ts';

/** `record` and `waiting` are set to undefined instead of deleted, because deleting would slow every access. */
export interface LegacyState {
  version: 1;
  /** Record with brackets that are not closed yet. */
  record?: OpenRecord | undefined;
  /** Complete pause for which sizes and CPU times may follow. */
  waiting?: Pause | undefined;
  writers: WritersState;
  cycle: CycleState;
  collector?: GcCollector;
  /** True if the collector was derived from records, before any flags were seen. */
  isCollectorGuessed: boolean;
  /** Region size of G1, as logged. */
  regionBytes?: number;
  /** True once CPU times were seen or announced by flags: every record then waits for them. */
  printsDetails: boolean;
  /** True if the next header repeats known facts. */
  isRotated: boolean;
  /** Start times of pauses since the last stop; a stop is logged after its pauses. */
  pauseStarts: Moment[];
}

export function initialState(): LegacyState {
  return {
    version: 1,
    writers: noWriters(),
    cycle: {},
    isCollectorGuessed: false,
    printsDetails: false,
    isRotated: false,
    pauseStarts: [],
  };
}

export function restoredState(state: unknown): LegacyState | undefined {
  const candidate = state as Partial<LegacyState> | null | undefined;
  return candidate?.version === 1 ? structuredClone(candidate as LegacyState) : undefined;
}
