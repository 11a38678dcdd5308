// When exactly is each message due? Open loop: the schedule alone decides, never the answers of the broker.

import type { RateSegment } from './profiles/profile.ts';
import { seconds, type Seconds } from '../core/units.ts';

export interface Pacer {
  /** Messages of the whole schedule: the integral of the rate, rounded down. */
  readonly total: number;
  readonly duration: Seconds;
  /** @returns seconds from the start at which message `n` (0 ≤ n < total) is due; never falls as `n` grows */
  intendedTime(n: number): Seconds;
  /** @returns how many messages are due at `elapsed` or before: those with a smaller number */
  dueBy(elapsed: number): number;
}

interface Piece extends RateSegment {
  /** Where the segment starts, in seconds and in messages due before it. */
  start: number;
  before: number;
  messages: number;
}

/** A sum of a few hundred doubles is off by less; without it 3 × ⅓ message/s × 1 s could lose its message. */
const roundingMessages = 1e-6;

/**
 * The rate is linear in each segment. Messages due until a moment are the area below it; message n is due when the
 * area reaches n.
 *
 *     rate
 *     to  |              .-'|        area(t) = from·t + (to − from)/duration · t²/2
 *         |          .-'####|
 *         |      .-'########|        n = area(t), solved for t (a = (to − from)/duration):
 *     from|  .-'###########.|
 *         |  |####n########||                        2n
 *         +--+-----:--------+--- t       t = ─────────────────────
 *                  t                         from + √(from² + 2·a·n)
 *
 * This is the usual root of the quadratic multiplied by its conjugate: it subtracts nothing, so it loses no digits,
 * and for a constant rate (a = 0) it is n/from without a case of its own. Each time comes from `n` alone and not from
 * the time before, so an hour at an odd rate drifts by nothing.
 */
export function createPacer(segments: readonly RateSegment[]): Pacer {
  const pieces: Piece[] = [];
  let start = 0;
  let before = 0;
  for (const segment of segments) {
    const messages = ((segment.from + segment.to) / 2) * segment.duration;
    pieces.push({ ...segment, start, before, messages });
    start += segment.duration;
    before += messages;
  }
  const total = Math.floor(before + roundingMessages);

  return {
    total,
    duration: seconds(start),
    intendedTime(n) {
      const piece = lastStartingAtOrBefore(pieces, (candidate) => candidate.before <= n && candidate.messages > 0);
      return seconds(piece === undefined ? 0 : piece.start + timeIn(piece, n - piece.before));
    },
    dueBy(elapsed) {
      if (elapsed < 0) return 0;
      const piece = lastStartingAtOrBefore(pieces, (candidate) => candidate.start <= elapsed);
      if (piece === undefined) return 0;
      const due = piece.before + areaIn(piece, Math.min(elapsed - piece.start, piece.duration));
      // Message n is due at the moment the area reaches n, so message 0 is due at once.
      return Math.min(total, Math.floor(due + roundingMessages) + 1);
    },
  };
}

function timeIn({ from, to, duration }: Piece, n: number): number {
  if (n <= 0) return 0;
  const a = (to - from) / duration;
  return Math.min(duration, (2 * n) / (from + Math.sqrt(Math.max(0, from * from + 2 * a * n))));
}

function areaIn({ from, to, duration }: Piece, t: number): number {
  return from * t + (((to - from) / duration) * t * t) / 2;
}

function lastStartingAtOrBefore(pieces: readonly Piece[], started: (piece: Piece) => boolean): Piece | undefined {
  return pieces.findLast(started);
}
