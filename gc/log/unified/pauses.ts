// Joins the lines of one GC(n) to a pause, and subtracts nested pauses from the outer pause.

import type { GcEvent, Moment, Pause } from '../gc-event.ts';
import { pauseFieldsOf, type CollectionDetails } from './collection-details.ts';
import type { PauseLine } from './pause-line.ts';

/** Limit of simultaneous collections: a marking cycle and collections during it. */
const mostOpen = 32;
/** The CPU time follows a pause directly, except for lines of other threads. */
const mostLinesHeld = 16;
const mostEnded = 8;

interface Ended {
  endSeconds: number;
  durationSeconds: number;
}

export interface PausesState {
  /**
   * Oldest first. An array, because it is short: a map would be reallocated often, and leave 4 MB of garbage per 100 MB
   * of log.
   */
  details: [number, CollectionDetails][];
  /** Pauses that have begun and not ended, outermost first. */
  begun: { gcId: number; containedSeconds: number }[];
  /** Most recently ended pauses, which a pause that ends later may contain. */
  ended: Ended[];
  held?: { pause: Pause; lines: number };
}

export const noPauses = (): PausesState => ({ details: [], begun: [], ended: [] });

export function createPauses(emit: (event: GcEvent) => void, state: PausesState) {
  const { details, begun, ended } = state;
  let { held } = state;

  function release(): void {
    if (held === undefined) return;
    emit(held.pause);
    held = undefined;
  }

  function placeOf(gcId: number): number {
    return details.findIndex(([id]) => id === gcId);
  }

  /** @param place index in `begun`, or -1 */
  function contained(place: number, at: Moment, durationSeconds: number): number {
    const inside = place === -1 ? endedWithin(at, durationSeconds) : begun[place]?.containedSeconds;
    if (place !== -1) {
      begun.splice(place, 1);
      const around = begun[place - 1];
      if (around !== undefined) around.containedSeconds += durationSeconds;
    }
    return Math.min(inside ?? 0, durationSeconds);
  }

  /** Stamps are rounded to milliseconds, so counts only pauses that certainly ended after this one began. */
  function endedWithin(at: Moment, durationSeconds: number): number {
    const endSeconds = at.uptimeSeconds ?? (at.epochMs === undefined ? undefined : at.epochMs / 1e3);
    if (endSeconds === undefined) return 0;
    const startSeconds = endSeconds - durationSeconds;
    let inside = 0;
    for (let last = ended.at(-1); last !== undefined && isWithin(last, startSeconds); last = ended.at(-1)) {
      inside += last.durationSeconds;
      ended.pop();
    }
    ended.push({ endSeconds, durationSeconds });
    if (ended.length > mostEnded) ended.shift();
    return inside;
  }

  return {
    state(): PausesState {
      return {
        details,
        begun,
        ended,
        ...(held && { held }),
      };
    },
    detailsOf(gcId: number): CollectionDetails {
      const known = details[placeOf(gcId)];
      if (known !== undefined) return known[1];
      if (details.length >= mostOpen) details.shift();
      const added: CollectionDetails = {};
      details.push([gcId, added]);
      return added;
    },
    begin(gcId: number): void {
      if (begun.length >= mostOpen) begun.shift();
      begun.push({ gcId, containedSeconds: 0 });
    },
    end(gcId: number, line: PauseLine, at: Moment, regionBytes: number | undefined): void {
      release();
      const { type, cause, durationSeconds, heap } = line;
      const beganAt = begun.findLastIndex((pause) => pause.gcId === gcId);
      const place = placeOf(gcId);
      const [, own] = place === -1 ? [] : (details.splice(place, 1)[0] ?? []);
      const pause: Pause = {
        kind: 'pause',
        gcId,
        start: before(at, durationSeconds),
        durationSeconds,
        ownSeconds: durationSeconds - contained(beganAt, at, durationSeconds),
        type,
        isFull: type.startsWith('Pause Full'),
      };
      if (cause !== undefined) pause.cause = cause;
      if (heap !== undefined) pause.heap = heap;
      if (own !== undefined) Object.assign(pause, pauseFieldsOf(own, type, regionBytes));
      if (line.evacuationFailed) pause.evacuationFailed = true;
      // A log without start lines has no CPU time lines.
      if (beganAt === -1) emit(pause);
      else held = { pause, lines: 0 };
    },
    /** @param cpu CPU time of the collection that ended last, from the line after it */
    addCpu(gcId: number, cpu: NonNullable<Pause['cpu']>): void {
      if (held?.pause.gcId !== gcId) return;
      held.pause.cpu = cpu;
      release();
    },
    /** Called after each line. */
    age(): void {
      if (held !== undefined && (held.lines += 1) > mostLinesHeld) release();
    },
    release,
    /** Drops open collections: they belong to another JVM. */
    forget(): void {
      release();
      details.length = 0;
      begun.length = 0;
      ended.length = 0;
    },
  };
}

const stampSeconds = 0.001;

const isWithin = (ended: Ended, startSeconds: number) => ended.endSeconds - stampSeconds > startSeconds;

/** Computes the start of an event, because unified logging writes its line at the end. */
export function before(at: Moment, seconds: number): Moment {
  const moment: Moment = {};
  if (at.epochMs !== undefined) moment.epochMs = at.epochMs - seconds * 1e3;
  if (at.uptimeSeconds !== undefined) moment.uptimeSeconds = at.uptimeSeconds - seconds;
  return moment;
}
