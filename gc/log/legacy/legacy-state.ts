// Defines the parser state that lets reading resume in the middle of a record or run: plain JSON of bounded size.

import type { GcCollector, Moment, Pause } from '../gc-event.ts';
import type { CycleState } from './concurrent-line.ts';
import type { OpenRecord } from './record-assembler.ts';
import { noWriters, type WritersState } from './writers.ts';

/** Record and pause come and go: they are set to undefined, since deleting slows every access to the rest. */
export interface LegacyState {
  version: 1;
  /** Its brackets are not closed yet. */
  record?: OpenRecord | undefined;
  /** Complete, but sizes and processor times may follow. */
  waiting?: Pause | undefined;
  writers: WritersState;
  cycle: CycleState;
  collector?: GcCollector;
  /** By its records; flags have not been seen. */
  isCollectorGuessed: boolean;
  /** For G1, as logged. */
  regionBytes?: number;
  /** Processor times have been seen, or announced by the flags: every record waits for its own. */
  printsDetails: boolean;
  /** Whether the next header repeats known facts. */
  isRotated: boolean;
  /** Of the pauses since the last stop; the line of a stop follows its pauses. */
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
