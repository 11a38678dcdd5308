// Computes when each message is due. Open loop: independent of the broker's responses.

import type { RateSegment } from './profiles/profile.ts';
import { seconds, type Seconds } from '../../core/clock.ts';

export type Pacer = ReturnType<typeof createPacer>;

interface Piece extends RateSegment {
  /** Start of the segment, in seconds of the run and in messages due before it. */
  start: number;
  before: number;
  messages: number;
}

/** Above the rounding error of a few hundred summed doubles; otherwise 3 × ⅓ message/s × 1 s could lose its message. */
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
 * and for a constant rate (a = 0) it is n/from without a special case. Each time is computed from `n` alone and not
 * from the previous time, so an hour at an odd rate does not drift.
 */
export function createPacer(segments: readonly RateSegment[], from = { seconds: 0, number: 0 }) {
  const pieces: Piece[] = [];
  let end = from.seconds;
  let area = 0;
  let messages = 0;
  /** Piece used last: messages are requested in order, so it is nearly always the right one. */
  let hint = 0;

  function extend(more: readonly RateSegment[]): void {
    for (const segment of more) {
      const own = ((segment.from + segment.to) / 2) * segment.duration;
      pieces.push({ ...segment, start: end, before: area, messages: own });
      end += segment.duration;
      area += own;
    }
    messages = Math.floor(area + roundingMessages);
  }

  function dueBy(elapsed: number): number {
    if (elapsed < from.seconds) return 0;
    const piece = pieces[lastOf(pieces, ({ start }) => start <= elapsed)];
    if (piece === undefined) return 0;
    const due = piece.before + areaIn(piece, Math.min(elapsed - piece.start, piece.duration));
    // In a pause the area is constant: a message that the area has just reached is due when the load resumes.
    if (piece.messages <= 0) return Math.min(messages, Math.ceil(due - roundingMessages));
    // Message n is due at the moment the area reaches n, so message 0 is due at once.
    return Math.min(messages, Math.floor(due + roundingMessages) + 1);
  }

  function pieceOf(n: number): Piece | undefined {
    const isIn = (piece: Piece | undefined) =>
      piece !== undefined && piece.before <= n && n < piece.before + piece.messages;
    if (isIn(pieces[hint])) return pieces[hint];
    hint = lastOf(pieces, ({ before }) => before <= n);
    // Handles the remainder of rounding at the end, and the end of a piece before a pause.
    while (hint > 0 && (pieces[hint]?.messages ?? 0) <= 0) hint -= 1;
    return pieces[hint];
  }

  extend(segments);
  return {
    /**
     * Number of the first message; the integral of the rate lies between `first` and `total`, the first unplanned
     * number.
     */
    first: from.number,
    /** Start of the schedule, and below its end, in seconds of the run. */
    start: seconds(from.seconds),
    get total(): number {
      return from.number + messages;
    },
    get end(): Seconds {
      return seconds(end);
    },
    /** @returns seconds of the run at which message `n` (first ≤ n < total) is due; never decreases as `n` grows */
    intendedTime(n: number): Seconds {
      const local = n - from.number;
      const piece = pieceOf(local);
      return seconds(piece === undefined ? from.seconds : piece.start + timeIn(piece, local - piece.before));
    },
    /** @returns the smallest number that is not yet due at `elapsed` */
    dueBy: (elapsed: number): number => from.number + dueBy(elapsed),
    /** Continues at the end of the schedule; fractions of a message carry over into the next segment. */
    extend,
    /** Drops messages due after this moment. Such a schedule cannot be extended. */
    cutAt(elapsed: number): void {
      if (elapsed >= end) return;
      messages = dueBy(elapsed);
      end = Math.max(from.seconds, elapsed);
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

/**
 * Binary search.
 * @returns the index of the last piece for which `holds`, which must hold for all earlier pieces too; -1 if none
 */
function lastOf(pieces: readonly Piece[], holds: (piece: Piece) => boolean): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const piece = pieces[middle];
    if (piece !== undefined && holds(piece)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
