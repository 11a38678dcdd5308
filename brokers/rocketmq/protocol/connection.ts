// Multiplexes requests over one connection; each answer carries the number of its request.

import type { Socket } from 'node:net';
import { type Clock, untilAborted } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { ClosedByPeer } from './connection-fault.ts';
import { decodeFrame, encodeFrame, FrameReader } from './frame-codec.ts';
import type { Frame, Request, Response } from './frame.ts';
import { Outbox } from './outbox.ts';
import { successOf } from './plain-success.ts';
import type { RequestSeries, SeriesEnd } from './request-series.ts';
import { SeriesTable } from './series-table.ts';

const noBody = Buffer.alloc(0);
const notSupported = 3;
const highestOpaque = 2 ** 31 - 1;

/**
 * A connection to a host that crashed stays open for a quarter of an hour. If nothing arrived for this long when a
 * request is given up, new requests use a new connection.
 */
const suspiciousSilenceSeconds = 1;

export class Connection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #answer: (request: Frame) => Response | undefined;
  readonly #reader = new FrameReader();
  readonly #outbox: Outbox;
  readonly #series: SeriesTable;
  readonly #waiting = new Map<number, PromiseWithResolvers<Response>>();
  #opaque = 0;
  #receivedAt: number;
  #usedAt: number;
  #hasReceived = false;
  #isSuspect = false;

  /** Resolves when the connection ends: with the cause, or with undefined if this side closed it. */
  readonly ended: Promise<Error | undefined>;
  readonly #end: (cause: Error | undefined) => void;

  constructor(socket: Socket, clock: Clock, answer: (request: Frame) => Response | undefined) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#series = new SeriesTable(clock, (sentAt) => this.#distrustAfter(sentAt));
    this.#clock = clock;
    this.#answer = answer;
    this.#receivedAt = this.#usedAt = clock.monotonic();
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    [this.ended, this.#end] = [promise, resolve];
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(new ClosedByPeer()));
  }

  /** Whether a frame was ever received, which proves that the peer speaks the protocol. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  /** False after a request was given up and nothing had arrived. */
  get isTrusted(): boolean {
    return !this.#isSuspect && !this.isOver;
  }

  get isOver(): boolean {
    return this.#socket.destroyed;
  }

  /** Seconds since the last traffic in either direction; 0 while a request is pending. */
  get idleSeconds(): number {
    return this.#isAwaited ? 0 : this.#clock.monotonic() - Math.max(this.#receivedAt, this.#usedAt);
  }

  async ask(request: Request, { signal }: Io): Promise<Response> {
    const opaque = this.#opaquesFor(1);
    const sentAt = this.#clock.monotonic();
    const answer = Promise.withResolvers<Response>();
    // Before the entry in #waiting, because this throws if the request cannot be encoded.
    this.#write(frameOf(request, opaque, false));
    this.#waiting.set(opaque, answer);
    try {
      return await untilAborted(answer.promise, signal);
    } finally {
      this.#waiting.delete(opaque);
      if (signal.aborted) this.#distrustAfter(sentAt);
    }
  }

  async tell(request: Request, { signal }: Io): Promise<void> {
    this.#write(frameOf(request, this.#opaquesFor(1), true));
    await this.#left(this.#usedAt, { signal });
  }

  /**
   * Sends all requests of the series at once, each in a frame that `put` writes or, with `sign`, a signed one. The
   * series fails with NoAnswer if a request has no answer within 10 s.
   */
  askSeries(series: RequestSeries, sign: ((request: Request) => Request) | undefined, io: Io): Promise<SeriesEnd> {
    this.#usedAt = this.#clock.monotonic();
    const first = this.#opaquesFor(series.count);
    const ended = this.#series.add(series, first, this.#usedAt, io.signal);
    this.#put(series, first, sign, false);
    return ended;
  }

  /** Sends one way; resolves when the whole series is written to the socket. */
  async tellAll(series: RequestSeries, sign: ((request: Request) => Request) | undefined, io: Io): Promise<void> {
    this.#usedAt = this.#clock.monotonic();
    this.#put(series, this.#opaquesFor(series.count), sign, true);
    await this.#left(this.#usedAt, io);
  }

  close(): void {
    this.#fail(undefined);
  }

  get #isAwaited(): boolean {
    return this.#waiting.size > 0 || this.#series.isAwaited;
  }

  /** @returns the first of `count` consecutive request numbers */
  #opaquesFor(count: number): number {
    const first = this.#opaque > highestOpaque - count ? 1 : this.#opaque + 1;
    this.#opaque = first + count - 1;
    return first;
  }

  #put(
    series: RequestSeries,
    first: number,
    sign: ((request: Request) => Request) | undefined,
    isOneWay: boolean,
  ): void {
    for (let index = 0; index < series.count; index++) {
      const opaque = first + index;
      if (sign === undefined) series.put(this.#outbox, index, opaque);
      else this.#outbox.add(encodeFrame(frameOf(sign(series.requestOf(index)), opaque, isOneWay)));
    }
  }

  #write(frame: Frame): void {
    this.#usedAt = this.#clock.monotonic();
    this.#outbox.add(encodeFrame(frame));
  }

  async #left(sentAt: number, { signal }: Io): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#outbox.whenLeft((cause) => {
      if (cause === undefined || cause === null) resolve();
      else reject(cause);
    });
    try {
      await untilAborted(promise, signal);
    } finally {
      if (signal.aborted) this.#distrustAfter(sentAt);
    }
  }

  #receive(chunk: Buffer): void {
    this.#receivedAt = this.#clock.monotonic();
    try {
      this.#reader.cut(chunk, this.#take);
    } catch (cause) {
      this.#fail(cause as Error);
    }
    this.#series.tell();
  }

  readonly #take = (bytes: Buffer, from: number, to: number): void => {
    this.#hasReceived = true;
    if (this.#series.isAwaited) {
      const opaque = successOf(bytes, from, to);
      if (opaque !== undefined && this.#series.succeed(opaque)) return;
    }
    const frame = decodeFrame(bytes.subarray(from, to));
    if (!frame.isResponse) this.#answerTo(frame);
    else if (!this.#series.answer(frame.opaque, responseOf(frame))) {
      this.#waiting.get(frame.opaque)?.resolve(responseOf(frame));
    }
  };

  #answerTo(request: Frame): void {
    const answer = this.#answer(request) ?? {
      code: notSupported,
      fields: {},
      remark: `Plimsoll does not support request code ${request.code}`,
      body: noBody,
    };
    if (!request.isOneWay) this.#write({ ...answer, opaque: request.opaque, isResponse: true, isOneWay: false });
  }

  #distrustAfter(sentAt: number): void {
    const isSilent = this.#receivedAt <= sentAt;
    if (isSilent && this.#clock.monotonic() - sentAt >= suspiciousSilenceSeconds) this.#isSuspect = true;
    if (this.#isSuspect && !this.#isAwaited) this.#fail(new DOMException('no answer in time', 'TimeoutError'));
  }

  #fail(cause: Error | undefined): void {
    this.#end(cause);
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    const reason = cause ?? new Error('this client was closed');
    for (const { reject } of waiting) reject(reason);
    this.#series.lose(reason);
  }
}

const frameOf = ({ code, fields, body = noBody }: Request, opaque: number, isOneWay: boolean): Frame => ({
  code,
  opaque,
  isResponse: false,
  isOneWay,
  fields,
  body,
});

const responseOf = ({ code, fields, remark, body }: Frame): Response => ({
  code,
  fields,
  body,
  ...(remark === undefined ? {} : { remark }),
});
