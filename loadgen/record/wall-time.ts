// Converts seconds of a run to wall-clock time: each attempt of a resumed run has a separate start.

import type { JournalLine } from '../../core/documents/run-bundle.ts';

export type WallTime = ReturnType<typeof createWallTime>;

/** @param startedAt start time from run.json */
export function createWallTime(startedAt: string) {
  let startMs = Date.parse(startedAt);
  return {
    /** Accepts every journal line in order. */
    add(line: JournalLine): void {
      if (line.kind === 'resumed') startMs = Date.parse(line.startedAt);
    },
    /** @returns milliseconds since the epoch at a second of the latest attempt */
    at: (elapsedSeconds: number): number => startMs + elapsedSeconds * 1000,
  };
}
