// Splits a long duration into steps that are judged separately.

import { seconds, type Seconds } from '../../../core/clock.ts';
import type { MessagesPerSecond } from '../../../core/units.ts';

/** Limit of steps of a run: each is a line in the journal and a row in the report. A month of hours has 720. */
export const mostSteps = 10_000;

/**
 * Splits into as many equal pieces as fit; a remainder shorter than a piece makes all pieces slightly longer.
 * @returns start and end of each, in seconds from the beginning
 */
export function* piecesOf(duration: Seconds, piece: Seconds): Iterable<{ start: Seconds; end: Seconds }> {
  const count = countPieces(duration, piece);
  for (let i = 0; i < count; i++) {
    yield { start: seconds((duration * i) / count), end: seconds((duration * (i + 1)) / count) };
  }
}

export const countPieces = (duration: Seconds, piece: Seconds) => Math.max(1, Math.floor(duration / piece + 1e-9));

/** @returns one segment per piece, with the rate at its start and at its end */
export const segmentsOf = (duration: Seconds, piece: Seconds, rateAt: (moment: Seconds) => MessagesPerSecond) =>
  Array.from(piecesOf(duration, piece), ({ start, end }) => ({
    kind: 'rate' as const,
    from: rateAt(start),
    to: rateAt(end),
    duration: (end - start) as Seconds,
  }));
