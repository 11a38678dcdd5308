// Tracks a series of requests by counting answers, without a promise or object per request.

import type { Io } from '../../driver.ts';
import { leastCertain } from '../../send-fate.ts';
import type { RemotingClient, Request, Response } from './frame.ts';
import type { Outbox } from './outbox.ts';

/** Requests with the numbers 0 to `count`, of which nothing is kept: not a promise, not an object for each. */
export interface RequestSeries {
  readonly count: number;
  /** Writes the frame of request `index`, so that its answer will carry `opaque`. */
  put(outbox: Outbox, index: number, opaque: number): void;
  /** The same, for a connection on which requests are signed. */
  requestOf(index: number): Request;
  /** Those from `from` to `to` (exclusive) were answered, and the answers were good. */
  onAnswered?(from: number, to: number): void;
  /** Of an answer with another code than 0. */
  isGood(code: number): boolean;
  /** What a bad answer means; asked of the first of many alike only, since a busy broker gives thousands in a second. */
  meaningOf(response: Response): unknown;
}

/** For senders of more requests than one promise each allows. */
export interface SeriesClient extends RemotingClient {
  /**
   * Asks all of a series at once, and resolves when each was answered and the answers were good.
   *
   * @throws as `ask`; NoAnswer when one is not answered within 10 s; what the least certain bad answer means, once all came
   */
  askSeries(address: string, series: RequestSeries, io: Io): Promise<void>;
  /** One way: resolves when the last frame has left. */
  tellAll(address: string, series: RequestSeries, io: Io): Promise<void>;
}

/** `failed`: refused or aborted; answers already reported still count. `lost`: the connection broke. */
export type SeriesEnd = { kind: 'answered' } | { kind: 'failed'; reason: unknown } | { kind: 'lost'; cause: Error };

const allAnswered: SeriesEnd = { kind: 'answered' };

/** Answers that have come, of those that are to come. */
export class PendingSeries {
  readonly series: RequestSeries;
  readonly firstOpaque: number;
  readonly signal: AbortSignal;
  /** Monotonic seconds. */
  readonly sentAt: number;
  /** Resolves when each was answered or the signal aborted. */
  readonly ended: Promise<SeriesEnd>;
  readonly #end: (end: SeriesEnd) => void;
  #open: number;
  #from = 0;
  #to = 0;
  /** What bad answers mean, one of those that differ in figures at most. */
  readonly #refusals = new Map<string, unknown>();

  constructor(series: RequestSeries, firstOpaque: number, sentAt: number, signal: AbortSignal) {
    this.series = series;
    this.firstOpaque = firstOpaque;
    this.sentAt = sentAt;
    this.signal = signal;
    this.#open = series.count;
    const { promise, resolve } = Promise.withResolvers<SeriesEnd>();
    this.ended = promise;
    this.#end = resolve;
  }

  get isOpen(): boolean {
    return this.#open > 0;
  }

  /** Of one request, once. @param refusal its answer, when that is bad */
  take(opaque: number, refusal?: Response): void {
    this.#open -= 1;
    if (refusal === undefined) this.#count(opaque - this.firstOpaque);
    else this.#refuse(refusal);
    if (this.#open === 0) {
      this.tell();
      const reasons = [...this.#refusals.values()];
      this.#end(reasons.length === 0 ? allAnswered : { kind: 'failed', reason: leastCertain(reasons) });
    }
  }

  #refuse(answer: Response): void {
    const alike = `${answer.code} ${answer.remark?.replaceAll(/\d+/g, '')}`;
    if (!this.#refusals.has(alike)) this.#refusals.set(alike, this.series.meaningOf(answer));
  }

  /** Passes on what was counted since the last time. */
  tell(): void {
    if (this.#to > this.#from) this.series.onAnswered?.(this.#from, this.#to);
    this.#from = this.#to;
  }

  /** Ignores answers that still arrive. */
  end(end: SeriesEnd): void {
    this.#open = 0;
    this.#end(end);
  }

  /** Answers mostly come in order, so what was counted mostly grows at its end. */
  #count(index: number): void {
    if (index !== this.#to) {
      this.tell();
      this.#from = index;
    }
    this.#to = index + 1;
  }
}
