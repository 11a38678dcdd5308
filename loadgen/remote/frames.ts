// Defines the frames between coordinator and worker: one JSON document per line, with limited length.

import { z } from 'zod';
import { ofKind } from '../../core/documents/values.ts';
import { AppError } from '../../core/errors.ts';
import { Assignment, FaultCodeContract, FromThread, ToThread } from '../execute/workers/thread-messages.ts';

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
export const mostBytesOfStrangers = 64 * 1024;
/** Frame limit after that: the ledger of one second at 1,000,000 messages/s in random order is 2 MB. */
export const mostBytes = 16 * 1024 * 1024;

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
