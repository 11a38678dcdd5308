// Cuts a long duration into steps that are judged separately.

import { seconds, type MessagesPerSecond, type Seconds } from '../../../core/units.ts';

/** Steps of a run: a line in the journal each, a row in the report each. A month of hours is 720. */
export const mostSteps = 10_000;

/**
 * As many equal pieces as there is room for; a rest shorter than a piece makes the others a little longer.
 * @returns start and end of each, in seconds from the beginning of the stretch
 */
export function* piecesOf(duration: Seconds, piece: Seconds): Iterable<{ start: Seconds; end: Seconds }> {
  const count = countPieces(duration, piece);
  for (let i = 0; i < count; i++) {
    yield { start: seconds((duration * i) / count), end: seconds((duration * (i + 1)) / count) };
  }
}

export const countPieces = (duration: Seconds, piece: Seconds) => Math.max(1, Math.floor(duration / piece + 1e-9));

/** @returns a segment for each piece, whose rate goes from that at its start to that at its end */
export const segmentsOf = (duration: Seconds, piece: Seconds, rateAt: (moment: Seconds) => MessagesPerSecond) =>
  Array.from(piecesOf(duration, piece), ({ start, end }) => ({
    kind: 'rate' as const,
    from: rateAt(start),
    to: rateAt(end),
    duration: (end - start) as Seconds,
  }));
