// Tracks a series of requests by counting answers, without a promise or object per request.

import type { Io } from '../../driver.ts';
import { leastCertain } from '../../send-fate.ts';
import type { RemotingClient, Request, Response } from './frame.ts';
import type { Outbox } from './outbox.ts';

/** `count` requests, with indexes from 0, without a promise or an object for each. */
export interface RequestSeries {
  readonly count: number;
  /** Writes the frame of request `index` with the request number `opaque`. */
  put(outbox: Outbox, index: number, opaque: number): void;
  /** Returns the same request, for a connection that signs requests. */
  requestOf(index: number): Request;
  /** Reports good answers to the requests from `from` to `to` (exclusive). */
  onAnswered?(from: number, to: number): void;
  /** Whether an answer with a code other than 0 is good. */
  isGood(code: number): boolean;
  /** Converts a bad answer to an error; called once for similar answers: a busy broker sends thousands per second. */
  meaningOf(response: Response): unknown;
}

/** A client for senders of too many requests for one promise each. */
export interface SeriesClient extends RemotingClient {
  /**
   * Sends all requests of a series at once, and resolves when all have good answers.
   *
   * @throws as `ask`; NoAnswer if a request has no answer within 10 s; after all answers, their least certain error
   */
  askSeries(address: string, series: RequestSeries, io: Io): Promise<void>;
  /** Sends one way; resolves when the last frame is written to the socket. */
  tellAll(address: string, series: RequestSeries, io: Io): Promise<void>;
}

/** `failed`: refused or aborted; answers already reported still count. `lost`: the connection broke. */
export type SeriesEnd = { kind: 'answered' } | { kind: 'failed'; reason: unknown } | { kind: 'lost'; cause: Error };

const allAnswered: SeriesEnd = { kind: 'answered' };

/** Counts the answers of one series. */
export class PendingSeries {
  readonly series: RequestSeries;
  readonly firstOpaque: number;
  readonly signal: AbortSignal;
  /** Monotonic seconds. */
  readonly sentAt: number;
  /** Resolves when all requests are answered or the signal aborts. */
  readonly ended: Promise<SeriesEnd>;
  readonly #end: (end: SeriesEnd) => void;
  #open: number;
  #from = 0;
  #to = 0;
  /** Errors of the bad answers; answers that differ only in numbers share one. */
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

  /** Records the answer to one request; called once for each. @param refusal the answer, if it is bad */
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

  /** Reports the answers counted since the last call. */
  tell(): void {
    if (this.#to > this.#from) this.series.onAnswered?.(this.#from, this.#to);
    this.#from = this.#to;
  }

  /** Ends the series; later answers are ignored. */
  end(end: SeriesEnd): void {
    this.#open = 0;
    this.#end(end);
  }

  /** Answers mostly arrive in order, so most of them extend the counted range. */
  #count(index: number): void {
    if (index !== this.#to) {
      this.tell();
      this.#from = index;
    }
    this.#to = index + 1;
  }
}
