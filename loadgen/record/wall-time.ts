// Converts seconds of a run to wall-clock time: each attempt of a resumed run has its own start.

import type { JournalLine } from '../../core/documents/run-bundle.ts';

export interface WallTime {
  /** Every line of the journal, in its order. */
  add(line: JournalLine): void;
  /** @returns milliseconds since the epoch at a second of the attempt that was added last */
  at(elapsedSeconds: number): number;
}

/** @param startedAt of run.json */
export function createWallTime(startedAt: string): WallTime {
  let startMs = Date.parse(startedAt);
  return {
    add(line) {
      if (line.kind === 'resumed') startMs = Date.parse(line.startedAt);
    },
    at: (elapsedSeconds) => startMs + elapsedSeconds * 1000,
  };
}
