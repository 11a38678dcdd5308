// Converts seconds of a run to wall-clock time: each attempt of a resumed run has its own start.

import type { JournalLine } from '../../core/documents/run-bundle.ts';

export type WallTime = ReturnType<typeof createWallTime>;

/** @param startedAt of run.json */
export function createWallTime(startedAt: string) {
  let startMs = Date.parse(startedAt);
  return {
    /** Every line of the journal, in its order. */
    add(line: JournalLine): void {
      if (line.kind === 'resumed') startMs = Date.parse(line.startedAt);
    },
    /** @returns milliseconds since the epoch at a second of the attempt that was added last */
    at: (elapsedSeconds: number): number => startMs + elapsedSeconds * 1000,
  };
}
