// How do many requests share one connection? Each has a number, and its answer comes back with it, in any order.

import type { Socket } from 'node:net';
import { untilAborted } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { ClosedByPeer } from './connection-fault.ts';
import { encodeFrame, FrameReader } from './frame-codec.ts';
import type { Frame, Request, Response } from './frame.ts';

const noBody = Buffer.alloc(0);
const notSupported = 3;
const highestOpaque = 2 ** 31 - 1;

/**
 * A peer whose host went down without a word keeps a connection open for a quarter of an hour. Silence for this long while
 * somebody gave up waiting is reason enough to try a new one.
 */
const suspiciousSilenceSeconds = 1;

export class Connection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #answer: (request: Frame) => Response | undefined;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, PromiseWithResolvers<Response>>();
  #opaque = 0;
  #heardAt: number;
  #usedAt: number;
  #hasHeard = false;
  #isSuspect = false;

  /** Resolves with the cause once the connection is of no use; undefined when this side closed it. */
  readonly ended: Promise<Error | undefined>;
  readonly #end: (cause: Error | undefined) => void;

  constructor(socket: Socket, clock: Clock, answer: (request: Frame) => Response | undefined) {
    this.#socket = socket;
    this.#clock = clock;
    this.#answer = answer;
    this.#heardAt = this.#usedAt = clock.monotonic();
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    [this.ended, this.#end] = [promise, resolve];
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(new ClosedByPeer()));
  }

  /** Whether a frame came back on it ever: then the peer does speak the protocol. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** False once somebody waited in vain while nothing at all came. */
  get isTrusted(): boolean {
    return !this.#isSuspect && !this.#socket.destroyed;
  }

  /** Since anything went either way; 0 while somebody waits. */
  get idleSeconds(): number {
    return this.#waiting.size > 0 ? 0 : this.#clock.monotonic() - Math.max(this.#heardAt, this.#usedAt);
  }

  async ask(request: Request, { signal }: Io): Promise<Response> {
    const opaque = this.#nextOpaque();
    const askedAt = this.#clock.monotonic();
    const answer = Promise.withResolvers<Response>();
    this.#waiting.set(opaque, answer);
    this.#write(frameOf(request, opaque, false));
    try {
      return await untilAborted(answer.promise, signal);
    } finally {
      this.#waiting.delete(opaque);
      if (signal.aborted) this.#distrustAfter(askedAt);
    }
  }

  async tell(request: Request, { signal }: Io): Promise<void> {
    const toldAt = this.#clock.monotonic();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#write(frameOf(request, this.#nextOpaque(), true), (cause) => {
      if (cause === undefined || cause === null) resolve();
      else reject(cause ?? new Error('this client was closed'));
    });
    try {
      await untilAborted(promise, signal);
    } finally {
      if (signal.aborted) this.#distrustAfter(toldAt);
    }
  }

  close(): void {
    this.#fail(undefined);
  }

  #nextOpaque(): number {
    this.#opaque = this.#opaque === highestOpaque ? 1 : this.#opaque + 1;
    return this.#opaque;
  }

  #write(frame: Frame, onLeft?: (cause?: Error | null) => void): void {
    this.#usedAt = this.#clock.monotonic();
    this.#socket.write(encodeFrame(frame), onLeft);
  }

  #receive(chunk: Buffer): void {
    this.#heardAt = this.#clock.monotonic();
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#hasHeard = true;
        if (frame.isResponse) this.#waiting.get(frame.opaque)?.resolve(responseOf(frame));
        else this.#answerTo(frame);
      }
    } catch (cause) {
      this.#fail(cause as Error);
    }
  }

  #answerTo(request: Frame): void {
    const answer = this.#answer(request) ?? {
      code: notSupported,
      fields: {},
      remark: `Plimsoll does not support request code ${request.code}`,
      body: noBody,
    };
    if (!request.isOneWay) this.#write({ ...answer, opaque: request.opaque, isResponse: true, isOneWay: false });
  }

  #distrustAfter(askedAt: number): void {
    const isSilent = this.#heardAt <= askedAt;
    if (isSilent && this.#clock.monotonic() - askedAt >= suspiciousSilenceSeconds) this.#isSuspect = true;
    if (this.#isSuspect && this.#waiting.size === 0) this.#fail(new DOMException('no answer in time', 'TimeoutError'));
  }

  #fail(cause: Error | undefined): void {
    this.#end(cause);
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(cause ?? new Error('this client was closed'));
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
