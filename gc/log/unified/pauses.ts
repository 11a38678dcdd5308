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
  details: [number, CollectionDetails][];
  /** Pauses that have begun and not ended, outermost first. */
  begun: { gcId: number; containedSeconds: number }[];
  /** Most recently ended pauses, which a pause that ends later may contain. */
  ended: Ended[];
  held?: { pause: Pause; lines: number };
}

export const noPauses = (): PausesState => ({ details: [], begun: [], ended: [] });

export class Pauses {
  readonly #emit: (event: GcEvent) => void;
  /**
   * Oldest first. An array, because it is short: a map would be reallocated often, and leave 4 MB of garbage per 100 MB
   * of log.
   */
  readonly #details: PausesState['details'];
  readonly #begun: PausesState['begun'];
  readonly #ended: Ended[];
  #held: PausesState['held'];

  constructor(emit: (event: GcEvent) => void, state: PausesState) {
    this.#emit = emit;
    this.#details = state.details;
    this.#begun = state.begun;
    this.#ended = state.ended;
    this.#held = state.held;
  }

  state(): PausesState {
    return {
      details: this.#details,
      begun: this.#begun,
      ended: this.#ended,
      ...(this.#held && { held: this.#held }),
    };
  }

  detailsOf(gcId: number): CollectionDetails {
    const known = this.#details[this.#placeOf(gcId)];
    if (known !== undefined) return known[1];
    if (this.#details.length >= mostOpen) this.#details.shift();
    const details: CollectionDetails = {};
    this.#details.push([gcId, details]);
    return details;
  }

  begin(gcId: number): void {
    if (this.#begun.length >= mostOpen) this.#begun.shift();
    this.#begun.push({ gcId, containedSeconds: 0 });
  }

  end(gcId: number, line: PauseLine, at: Moment, regionBytes: number | undefined): void {
    this.release();
    const { type, cause, durationSeconds, heap } = line;
    const begun = this.#begun.findLastIndex((pause) => pause.gcId === gcId);
    const place = this.#placeOf(gcId);
    const [, details] = place === -1 ? [] : (this.#details.splice(place, 1)[0] ?? []);
    const pause: Pause = {
      kind: 'pause',
      gcId,
      start: before(at, durationSeconds),
      durationSeconds,
      ownSeconds: durationSeconds - this.#contained(begun, at, durationSeconds),
      type,
      isFull: type.startsWith('Pause Full'),
    };
    if (cause !== undefined) pause.cause = cause;
    if (heap !== undefined) pause.heap = heap;
    if (details !== undefined) Object.assign(pause, pauseFieldsOf(details, type, regionBytes));
    if (line.evacuationFailed) pause.evacuationFailed = true;
    // A log without start lines has no CPU time lines.
    if (begun === -1) this.#emit(pause);
    else this.#held = { pause, lines: 0 };
  }

  /** @param cpu CPU time of the collection that ended last, from the line after it */
  addCpu(gcId: number, cpu: NonNullable<Pause['cpu']>): void {
    if (this.#held?.pause.gcId !== gcId) return;
    this.#held.pause.cpu = cpu;
    this.release();
  }

  /** Called after each line. */
  age(): void {
    if (this.#held !== undefined && (this.#held.lines += 1) > mostLinesHeld) this.release();
  }

  release(): void {
    if (this.#held === undefined) return;
    this.#emit(this.#held.pause);
    this.#held = undefined;
  }

  /** Drops open collections: they belong to another JVM. */
  forget(): void {
    this.release();
    this.#details.length = 0;
    this.#begun.length = 0;
    this.#ended.length = 0;
  }

  #placeOf(gcId: number): number {
    return this.#details.findIndex(([id]) => id === gcId);
  }

  #contained(begun: number, at: Moment, durationSeconds: number): number {
    const inside = begun === -1 ? this.#endedWithin(at, durationSeconds) : this.#begun[begun]?.containedSeconds;
    if (begun !== -1) {
      this.#begun.splice(begun, 1);
      const around = this.#begun[begun - 1];
      if (around !== undefined) around.containedSeconds += durationSeconds;
    }
    return Math.min(inside ?? 0, durationSeconds);
  }

  /** Stamps are rounded to milliseconds, so counts only pauses that certainly ended after this one began. */
  #endedWithin(at: Moment, durationSeconds: number): number {
    const endSeconds = at.uptimeSeconds ?? (at.epochMs === undefined ? undefined : at.epochMs / 1e3);
    if (endSeconds === undefined) return 0;
    const startSeconds = endSeconds - durationSeconds;
    let inside = 0;
    for (let last = this.#ended.at(-1); last !== undefined && isWithin(last, startSeconds); last = this.#ended.at(-1)) {
      inside += last.durationSeconds;
      this.#ended.pop();
    }
    this.#ended.push({ endSeconds, durationSeconds });
    if (this.#ended.length > mostEnded) this.#ended.shift();
    return inside;
  }
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
