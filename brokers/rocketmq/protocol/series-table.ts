// Matches answers to the open request series of one connection, and times out overdue series.

import type { Clock } from '../../../core/clock.ts';
import type { Response } from './frame.ts';
import { PendingSeries, type RequestSeries, type SeriesEnd } from './request-series.ts';

/** Timeout of a request. */
const withinSeconds = 10;
/** Interval of the timer for all series; a timeout can be this much late. */
const grainMs = 500;

export class NoAnswer extends Error {
  constructor() {
    super(`no answer within ${withinSeconds} s`);
  }
}

export class SeriesTable {
  readonly #clock: Clock;
  readonly #onGivenUp: (sentAt: number) => void;
  readonly #byOpaque = new Map<number, PendingSeries>();
  /** Open series, oldest first. An ended series is removed at once: its values would outlive the young generation. */
  readonly #open = new Set<PendingSeries>();
  /** Series with answers that are not yet reported. */
  #counted: PendingSeries[] = [];
  /** One listener per signal, for all its series; the timer removes signals without an open series. */
  readonly #signals = new Map<AbortSignal, () => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onGivenUp called with the send time (monotonic seconds) of each series that timed out or was aborted */
  constructor(clock: Clock, onGivenUp: (sentAt: number) => void) {
    [this.#clock, this.#onGivenUp] = [clock, onGivenUp];
  }

  get isAwaited(): boolean {
    return this.#byOpaque.size > 0;
  }

  add(series: RequestSeries, firstOpaque: number, sentAt: number, signal: AbortSignal): Promise<SeriesEnd> {
    const pending = new PendingSeries(series, firstOpaque, sentAt, signal);
    for (let index = 0; index < series.count; index++) this.#byOpaque.set(firstOpaque + index, pending);
    this.#open.add(pending);
    this.#watch(signal);
    this.#timer ??= setInterval(() => this.#sweep(), grainMs);
    return pending.ended;
  }

  /** @returns whether the request belongs to a series */
  succeed(opaque: number): boolean {
    const pending = this.#byOpaque.get(opaque);
    if (pending === undefined) return false;
    this.#byOpaque.delete(opaque);
    pending.take(opaque);
    if (!pending.isOpen) this.#open.delete(pending);
    else if (this.#counted[this.#counted.length - 1] !== pending) this.#counted.push(pending);
    return true;
  }

  /** @returns whether the request belongs to a series */
  answer(opaque: number, response: Response): boolean {
    const pending = this.#byOpaque.get(opaque);
    if (pending === undefined) return false;
    if (response.code === 0 || pending.series.isGood(response.code)) return this.succeed(opaque);
    this.#byOpaque.delete(opaque);
    pending.take(opaque, response);
    if (!pending.isOpen) this.#open.delete(pending);
    return true;
  }

  /** Reports the counted answers. */
  tell(): void {
    for (const pending of this.#counted) pending.tell();
    if (this.#counted.length > 0) this.#counted = [];
  }

  /** Ends all series after the connection is lost. */
  lose(cause: Error): void {
    this.#byOpaque.clear();
    for (const pending of this.#open) pending.end({ kind: 'lost', cause });
    this.#open.clear();
    this.#sweep();
  }

  #watch(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    const listen = () => this.#giveUp((pending) => pending.signal === signal, signal.reason);
    signal.addEventListener('abort', listen, { once: true });
    this.#signals.set(signal, listen);
  }

  #giveUp(isMeant: (pending: PendingSeries) => boolean, reason: unknown): void {
    const given = [...this.#open].filter(isMeant);
    for (const pending of given) {
      this.#open.delete(pending);
      const { firstOpaque, series } = pending;
      for (let index = 0; index < series.count; index++) this.#byOpaque.delete(firstOpaque + index);
      pending.end({ kind: 'failed', reason });
    }
    for (const { sentAt } of given) this.#onGivenUp(sentAt);
  }

  /** Ends series that timed out, and removes signals without open series. */
  #sweep(): void {
    const overdue = this.#clock.monotonic() - withinSeconds;
    this.#giveUp(({ sentAt }) => sentAt <= overdue, new NoAnswer());
    const listened = new Set(Array.from(this.#open, ({ signal }) => signal));
    for (const [signal, listen] of this.#signals) {
      if (listened.has(signal)) continue;
      signal.removeEventListener('abort', listen);
      this.#signals.delete(signal);
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
