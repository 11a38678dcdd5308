// Defines the frames between coordinator and worker: one JSON document per line, of bounded length.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { Assignment, FaultCodeContract, FromThread, ToThread } from '../execute/workers/thread-messages.ts';

/** Changes whenever a worker of the version before would misunderstand. */
export const protocolVersion = 1;

const text = z.string().max(10_000);
const thread = z.number().int().nonnegative();
const nanoseconds = z.string().regex(/^\d{1,20}$/);
export const FromWorker = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hello'),
    worker: text,
    token: text,
    protocol: z.number(),
    version: text,
  }),
  /** Its own clocks when it read the ping: monotonic, and of the day. */
  z.strictObject({
    kind: z.literal('pong'),
    id: z.number().int(),
    nanoseconds,
    epochMicroseconds: z.number(),
  }),
  z.strictObject({ kind: z.literal('report'), thread, report: FromThread }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

export const ToWorker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('refused'), code: FaultCodeContract, message: text, hint: text }),
  /** Each second: a worker that hears none stops by itself. */
  z.strictObject({ kind: z.literal('ping'), id: z.number().int() }),
  z.strictObject({ kind: z.literal('open'), thread, assignment: Assignment }),
  z.strictObject({ kind: z.literal('tell'), thread, message: ToThread }),
  z.strictObject({ kind: z.literal('close'), thread }),
  /** The run is over: nothing was lost, and the worker ends. */
  z.strictObject({ kind: z.literal('end') }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

/** Of a peer that has not said who it is. */
export const mostBytesOfStrangers = 64 * 1024;
/** The ledger of a second of 1,000,000 messages/s in random order is 2 MB. */
export const mostBytes = 16 * 1024 * 1024;

const newline = 10;

/** The origin of a run is a bigint, which JSON lacks. */
export const encodeFrame = (frame: FromWorker | ToWorker): Buffer =>
  Buffer.from(
    `${JSON.stringify(frame, (_, value: unknown) => (typeof value === 'bigint' ? { bigint: String(value) } : value))}\n`,
  );

/** @throws AppError worker-refused for what is no frame */
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

/** Cuts what comes into lines. */
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
