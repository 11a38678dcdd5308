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

export type Connection = ReturnType<typeof createConnection>;

export function createConnection(socket: Socket, clock: Clock, answer: (request: Frame) => Response | undefined) {
  const reader = new FrameReader();
  const outbox = new Outbox(socket);
  const table = new SeriesTable(clock, distrustAfter);
  const waiting = new Map<number, PromiseWithResolvers<Response>>();
  const ended = Promise.withResolvers<Error | undefined>();
  let lastOpaque = 0;
  let receivedAt = clock.monotonic();
  let usedAt = receivedAt;
  let hasReceived = false;
  let isSuspect = false;

  socket.on('data', receive);
  socket.on('error', fail);
  socket.on('close', () => fail(new ClosedByPeer()));

  function take(bytes: Buffer, from: number, to: number): void {
    hasReceived = true;
    if (table.isAwaited) {
      const opaque = successOf(bytes, from, to);
      if (opaque !== undefined && table.succeed(opaque)) return;
    }
    const frame = decodeFrame(bytes.subarray(from, to));
    if (!frame.isResponse) answerTo(frame);
    else if (!table.answer(frame.opaque, responseOf(frame))) {
      waiting.get(frame.opaque)?.resolve(responseOf(frame));
    }
  }

  function isAwaited(): boolean {
    return waiting.size > 0 || table.isAwaited;
  }

  /** @returns the first of `count` consecutive request numbers */
  function opaquesFor(count: number): number {
    const first = lastOpaque > highestOpaque - count ? 1 : lastOpaque + 1;
    lastOpaque = first + count - 1;
    return first;
  }

  function put(
    series: RequestSeries,
    first: number,
    sign: ((request: Request) => Request) | undefined,
    isOneWay: boolean,
  ): void {
    for (let index = 0; index < series.count; index++) {
      const opaque = first + index;
      if (sign === undefined) series.put(outbox, index, opaque);
      else outbox.add(encodeFrame(frameOf(sign(series.requestOf(index)), opaque, isOneWay)));
    }
  }

  function write(frame: Frame): void {
    usedAt = clock.monotonic();
    outbox.add(encodeFrame(frame));
  }

  function receive(chunk: Buffer): void {
    receivedAt = clock.monotonic();
    try {
      reader.cut(chunk, take);
    } catch (cause) {
      fail(cause as Error);
    }
    table.tell();
  }

  function answerTo(request: Frame): void {
    const response = answer(request) ?? {
      code: notSupported,
      fields: {},
      remark: `Plimsoll does not support request code ${request.code}`,
      body: noBody,
    };
    if (!request.isOneWay) write({ ...response, opaque: request.opaque, isResponse: true, isOneWay: false });
  }

  function distrustAfter(sentAt: number): void {
    const isSilent = receivedAt <= sentAt;
    if (isSilent && clock.monotonic() - sentAt >= suspiciousSilenceSeconds) isSuspect = true;
    if (isSuspect && !isAwaited()) fail(new DOMException('no answer in time', 'TimeoutError'));
  }

  function fail(cause: Error | undefined): void {
    ended.resolve(cause);
    socket.destroy();
    const lost = [...waiting.values()];
    waiting.clear();
    const reason = cause ?? new Error('this client was closed');
    for (const { reject } of lost) reject(reason);
    table.lose(reason);
  }

  return {
    /** Resolves when the connection ends: with the cause, or with undefined if this side closed it. */
    ended: ended.promise,
    /** Whether a frame was ever received, which proves that the peer speaks the protocol. */
    get hasReceived(): boolean {
      return hasReceived;
    },
    /** False after a request was given up and nothing had arrived. */
    get isTrusted(): boolean {
      return !isSuspect && !socket.destroyed;
    },
    get isOver(): boolean {
      return socket.destroyed;
    },
    /** Seconds since the last traffic in either direction; 0 while a request is pending. */
    get idleSeconds(): number {
      return isAwaited() ? 0 : clock.monotonic() - Math.max(receivedAt, usedAt);
    },
    async ask(request: Request, { signal }: Io): Promise<Response> {
      const opaque = opaquesFor(1);
      const sentAt = clock.monotonic();
      const answer = Promise.withResolvers<Response>();
      // Before the entry in `waiting`, because this throws if the request cannot be encoded.
      write(frameOf(request, opaque, false));
      waiting.set(opaque, answer);
      try {
        return await untilAborted(answer.promise, signal);
      } finally {
        waiting.delete(opaque);
        if (signal.aborted) distrustAfter(sentAt);
      }
    },
    /**
     * Sends all requests of the series at once, each in a frame that `put` writes or, with `sign`, a signed one. The
     * series fails with NoAnswer if a request has no answer within 10 s.
     */
    askSeries(series: RequestSeries, sign: ((request: Request) => Request) | undefined, io: Io): Promise<SeriesEnd> {
      usedAt = clock.monotonic();
      const first = opaquesFor(series.count);
      const ended = table.add(series, first, usedAt, io.signal);
      put(series, first, sign, false);
      return ended;
    },
    /** Sends one way; resolves when the whole series is written to the socket. */
    async tellAll(
      series: RequestSeries,
      sign: ((request: Request) => Request) | undefined,
      { signal }: Io,
    ): Promise<void> {
      const sentAt = clock.monotonic();
      usedAt = sentAt;
      put(series, opaquesFor(series.count), sign, true);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      outbox.whenLeft((cause) => {
        if (cause === undefined || cause === null) resolve();
        else reject(cause);
      });
      try {
        await untilAborted(promise, signal);
      } finally {
        if (signal.aborted) distrustAfter(sentAt);
      }
    },
    close(): void {
      fail(undefined);
    },
  };
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
