// Matches answers to the open request series of one connection, and times out overdue series.

import type { Clock } from '../../../core/clock.ts';
import type { Response } from './frame.ts';
import { PendingSeries, type RequestSeries, type SeriesEnd } from './request-series.ts';

/** As long as `ask` waits. */
const withinSeconds = 10;
/** A wait is up to so much longer: one timer looks after all series. */
const grainMs = 500;

/** No answer in time. */
export class NoAnswer extends Error {
  constructor() {
    super(`no answer within ${withinSeconds} s`);
  }
}

export class SeriesTable {
  readonly #clock: Clock;
  readonly #onGivenUp: (sentAt: number) => void;
  readonly #byOpaque = new Map<number, PendingSeries>();
  /** In the order they were asked. One that has ended is let go at once: its values would outlive the young generation. */
  readonly #open = new Set<PendingSeries>();
  /** With answers that were not reported yet. */
  #counted: PendingSeries[] = [];
  /** One listener for all series of a signal; those without one any more are let go by the timer. */
  readonly #signals = new Map<AbortSignal, () => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onGivenUp some that were asked then (monotonic seconds) are waited for no longer */
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

  /** @returns whether the number is of a series */
  succeed(opaque: number): boolean {
    const pending = this.#byOpaque.get(opaque);
    if (pending === undefined) return false;
    this.#byOpaque.delete(opaque);
    pending.take(opaque);
    if (!pending.isOpen) this.#open.delete(pending);
    else if (this.#counted[this.#counted.length - 1] !== pending) this.#counted.push(pending);
    return true;
  }

  /** @returns whether the number is of a series */
  answer(opaque: number, response: Response): boolean {
    const pending = this.#byOpaque.get(opaque);
    if (pending === undefined) return false;
    if (response.code === 0 || pending.series.isGood(response.code)) return this.succeed(opaque);
    this.#byOpaque.delete(opaque);
    pending.take(opaque, response);
    if (!pending.isOpen) this.#open.delete(pending);
    return true;
  }

  /** Passes on what was counted. */
  tell(): void {
    for (const pending of this.#counted) pending.tell();
    if (this.#counted.length > 0) this.#counted = [];
  }

  /** No answer will come any more. */
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

  /** Checks the oldest open series for timeouts, and forgets signals without waiting series. */
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
