// Exchanges frames between coordinator and worker in order, and ends when the peer falls silent.

import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { silentSeconds } from '../execute/workers/lease.ts';
import { ofKind } from '../../core/documents/values.ts';
import { Assignment, FaultCodeContract, FromThread, ToThread } from '../execute/workers/thread-messages.ts';

export interface Link<Received, Sent> {
  send(frame: Sent): void;
  /** Allows large frames from now on. */
  allowLargeFrames(): void;
  /** Resolves with the reason when the link ends. */
  readonly ended: Promise<AppError>;
  end(reason?: AppError): void;
  /** Called for each frame; an exception ends the link. */
  onFrame(listener: (frame: Received) => void): void;
}

const lookSeconds = 0.25;

export function createLink<Received extends FromWorker | ToWorker, Sent extends FromWorker | ToWorker>(
  socket: Duplex,
  schema: z.ZodType<Received>,
  other: string,
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
): Link<Received, Sent> {
  const over = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<AppError>();
  let limit = mostBytesOfStrangers;
  let listener: (frame: Received) => void = () => {};
  let receivedAt = clock.monotonic();
  const cut = createLineCutter(() => limit);
  const lost = (why: string, cause?: unknown) =>
    new AppError('coordinator-lost', `the connection to ${other} is lost: ${why}`, { cause });

  function end(reason: AppError): void {
    if (over.signal.aborted) return;
    over.abort();
    resolve(reason);
    // The last frame may still be in transit; the peer closes the connection, or this process does after the delay.
    socket.end();
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  socket.on('data', (chunk: Buffer) => {
    receivedAt = clock.monotonic();
    if (over.signal.aborted) return;
    try {
      for (const line of cut(chunk)) listener(decodeFrame(schema, line));
    } catch (error) {
      end(error instanceof AppError ? error : lost(String(error), error));
    }
  });
  socket.on('error', (cause) => end(lost(cause.message, cause)));
  socket.on('close', () => end(lost('it was closed')));
  socket.on('end', () => end(lost('it was closed')));

  void (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(seconds(lookSeconds), { signal: over.signal }).catch(endOfWait);
      if (clock.monotonic() - receivedAt > silentSeconds) end(lost(`no data for ${silentSeconds} s`));
    }
  })();

  return {
    send(frame) {
      if (!over.signal.aborted) socket.write(encodeFrame(frame));
    },
    allowLargeFrames: () => void (limit = mostBytes),
    ended,
    end: (reason = lost('it was closed by this side')) => end(reason),
    onFrame: (given) => void (listener = given),
  };
}

/** Increment whenever a worker of the previous version would misinterpret frames. */
export const protocolVersion = 1;

const text = z.string().max(10_000);
const thread = z.number().int().nonnegative();
const nanoseconds = z.string().regex(/^\d{1,20}$/);
export const FromWorker = z.discriminatedUnion('kind', [
  ofKind('hello', { worker: text, token: text, protocol: z.number(), version: text }),
  /** Worker clocks at the time it read the ping: monotonic, and time of day. */
  ofKind('pong', { id: z.number().int(), nanoseconds, epochMicroseconds: z.number() }),
  ofKind('report', { thread, report: FromThread }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

export const ToWorker = z.discriminatedUnion('kind', [
  ofKind('refused', { code: FaultCodeContract, message: text, hint: text }),
  /** Sent each second: a worker that receives none stops. */
  ofKind('ping', { id: z.number().int() }),
  ofKind('open', { thread, assignment: Assignment }),
  ofKind('tell', { thread, message: ToThread }),
  ofKind('close', { thread }),
  /** The run has ended normally, and the worker exits. */
  ofKind('end', {}),
]);
export type ToWorker = z.infer<typeof ToWorker>;

/** Frame limit before a peer has authenticated. */
const mostBytesOfStrangers = 64 * 1024;
/** Frame limit after that: the ledger of one second at 1,000,000 messages/s in random order is 2 MB. */
const mostBytes = 16 * 1024 * 1024;

const newline = 10;

/** Encodes bigint values, such as the run origin, which JSON does not support. */
export const encodeFrame = (frame: FromWorker | ToWorker): Buffer =>
  Buffer.from(
    `${JSON.stringify(frame, (_, value: unknown) => (typeof value === 'bigint' ? { bigint: String(value) } : value))}\n`,
  );

/** @throws AppError worker-refused if the line is not a frame */
export function decodeFrame<Frame>(schema: z.ZodType<Frame>, line: Buffer): Frame {
  try {
    return schema.parse(JSON.parse(line.toString('utf8'), revive));
  } catch (cause) {
    throw new AppError('worker-refused', 'the other side sent a message that this version does not understand', {
      cause,
    });
  }
}

function revive(_: string, value: unknown): unknown {
  if (!isObject(value) || !('bigint' in value)) return value;
  const { bigint } = value;
  return typeof bigint === 'string' && /^-?\d{1,20}$/.test(bigint) ? BigInt(bigint) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Splits incoming chunks into lines. */
export function createLineCutter(limit: () => number): (chunk: Buffer) => Buffer[] {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    const lines: Buffer[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      lines.push(Buffer.concat([...parts, rest.subarray(0, end)]));
      [parts, length] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
    length += rest.length;
    if (length > limit() || lines.some((line) => line.length > limit())) {
      throw new AppError('worker-refused', `the other side sent more than ${limit()} bytes in one piece`);
    }
    return lines;
  };
}
