// What do coordinator and worker say to each other over the network? One JSON document a line, of bounded length.

import { z } from 'zod';
import { AppError, faults, type FaultCode } from '../../core/errors.ts';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import type { Assignment, FromThread, ToThread } from '../execute/workers/thread-messages.ts';

/** Changes whenever a worker of the version before would misunderstand. */
export const protocolVersion = 1;

const text = z.string().max(10_000);
const thread = z.number().int().nonnegative();
const nanoseconds = z.string().regex(/^\d{1,20}$/);
const code = z
  .string()
  .transform((name): FaultCode => (Object.hasOwn(faults, name) ? (name as FaultCode) : 'run-failed'));

const ThreadReport = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('lines'), lines: z.array(JournalLine) }),
  z.strictObject({ kind: z.literal('fault'), code, message: text, hint: text }),
  z.strictObject({ kind: z.literal('driven'), untilSeconds: z.number() }),
  z.strictObject({ kind: z.literal('done') }),
]) satisfies z.ZodType<FromThread>;

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
  z.strictObject({ kind: z.literal('report'), thread, report: ThreadReport }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

export const ToWorker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('refused'), code, message: text, hint: text }),
  /** Each second: a worker that hears none stops by itself. */
  z.strictObject({ kind: z.literal('ping'), id: z.number().int() }),
  /** What a thread is told comes from the same version of the same program, and is not looked into. */
  z.strictObject({ kind: z.literal('open'), thread, assignment: z.custom<Assignment>(isObject) }),
  z.strictObject({ kind: z.literal('tell'), thread, message: z.custom<ToThread>(isObject) }),
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

/** The origin of a run is told as a bigint, which JSON has not. */
export const encodeFrame = (frame: FromWorker | ToWorker): Buffer =>
  Buffer.from(
    `${JSON.stringify(frame, (_, value: unknown) => (typeof value === 'bigint' ? { bigint: String(value) } : value))}\n`,
  );

/** @throws AppError worker-refused for what is no frame */
export function decodeFrame<Frame>(schema: z.ZodType<Frame>, line: Buffer): Frame {
  try {
    return schema.parse(JSON.parse(line.toString('utf8'), revive));
  } catch (cause) {
    throw new AppError('worker-refused', 'the other end says what this version does not understand', { cause });
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
      throw new AppError('worker-refused', `the other end says more than ${limit()} bytes in one piece`);
    }
    return lines;
  };
}
