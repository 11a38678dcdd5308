// Encodes the values of one queue as single or batch sends, written directly into the output buffer.

import { AppError } from '../../core/errors.ts';
import type { Request, Response } from './protocol/frame.ts';
import { batchItemBytes, writeBatchItem } from './protocol/message-batch.ts';
import { uniqueKeyBytes } from './protocol/message-id.ts';
import { keyEnd, mostPropertiesBytes, propertyNames, valueEnd } from './protocol/message-properties.ts';
import type { Outbox } from './protocol/outbox.ts';
import type { RequestSeries } from './protocol/request-series.ts';
import { encodeSendBatchMessage, encodeSendMessageV2, type SendMessage } from './protocol/send-message.ts';
import { SendFrame } from './protocol/send-frame.ts';

/** What all sends of one producer to a queue have in common. */
export interface SendTarget {
  fixed: Omit<SendMessage, 'bornAtMs' | 'properties' | 'body'>;
  single: SendFrame;
  batch: SendFrame;
}

export function createSendTarget(fixed: SendTarget['fixed'], isOneWay: boolean): SendTarget {
  const frame = (isBatch: boolean) => new SendFrame({ ...fixed, isBatch, isOneWay });
  return { fixed, single: frame(false), batch: frame(true) };
}

export interface Outgoing {
  target: SendTarget;
  values: readonly Buffer[];
  keys?: readonly (Buffer | undefined)[] | undefined;
  /** Property pairs of every message, after its key pairs. */
  pairs: Buffer;
  /** Property pairs of a whole request. */
  requestPairs: Buffer;
  writeUniqueKey: (into: Buffer, at: number) => void;
  bornAtMs: number;
}

export interface Answers {
  isGood(code: number): boolean;
  meaningOf(response: Response): unknown;
  onAnswered?: ((from: number, to: number) => void) | undefined;
}

/** Brokers refuse bodies over maxMessageSize, 4 MiB by default. */
const largestBody = 4 * 1024 * 1024;

const uniquePair = Buffer.from(`${propertyNames.uniqueKey}${keyEnd}${'0'.repeat(uniqueKeyBytes)}${valueEnd}`);
const uniqueKeyAt = uniquePair.length - 1 - uniqueKeyBytes;
const keysStart = Buffer.from(`${propertyNames.keys}${keyEnd}`);
const [keyEndByte, valueEndByte] = [keyEnd.charCodeAt(0), valueEnd.charCodeAt(0)];

/** Returns the size of the properties of one message, in bytes. */
function pairBytes({ keys, pairs }: Outgoing, index: number): number {
  const key = keys?.[index];
  return uniquePair.length + (key === undefined ? 0 : keysStart.length + key.length + 1) + pairs.length;
}

/** @throws AppError broker-refused for keys that no broker can store */
export function checkKeys(out: Outgoing): void {
  out.keys?.forEach((key, index) => {
    if (key === undefined) return;
    if (key.includes(keyEndByte) || key.includes(valueEndByte)) {
      const shown = JSON.stringify(key.toString());
      throw new AppError('broker-refused', `cannot send key ${shown}: it holds a separator, \\x01 or \\x02`, {
        hint: 'RocketMQ separates the properties of a message with these bytes: choose a key without them',
      });
    }
    const size = pairBytes(out, index) + out.requestPairs.length;
    if (size > mostPropertiesBytes) {
      const limit = `RocketMQ accepts ${mostPropertiesBytes} at most`;
      throw new AppError(
        'broker-refused',
        `cannot send a key of ${key.length} bytes: with it the properties have ${size}, and ${limit}`,
        { hint: 'choose a shorter key' },
      );
    }
  });
}

/** @returns the position after the pairs */
function writePairs({ keys, pairs, writeUniqueKey }: Outgoing, index: number, into: Buffer, from: number): number {
  into.set(uniquePair, from);
  writeUniqueKey(into, from + uniqueKeyAt);
  let at = from + uniquePair.length;
  const key = keys?.[index];
  if (key !== undefined) {
    into.set(keysStart, at);
    at += keysStart.length;
    into.set(key, at);
    at += key.length;
    into[at++] = valueEndByte;
  }
  if (pairs.length > 0) into.set(pairs, at);
  return at + pairs.length;
}

const noValue = Buffer.alloc(0);

function putSingle(out: Outgoing, index: number, outbox: Outbox, opaque: number): void {
  const { target, values, requestPairs } = out;
  const body = values[index] ?? noValue;
  const propertiesBytes = pairBytes(out, index) + requestPairs.length;
  const from = target.single.put(outbox, opaque, propertiesBytes, body.length);
  let at = writePairs(out, index, outbox.bytes, from);
  if (requestPairs.length > 0) outbox.bytes.set(requestPairs, at);
  at += requestPairs.length;
  outbox.bytes.set(body, at);
}

function putBatch(out: Outgoing, from: number, to: number, outbox: Outbox, opaque: number): void {
  const { target, values, requestPairs } = out;
  let bodyBytes = 0;
  for (let index = from; index < to; index++) bodyBytes += itemBytes(out, index);
  let at = target.batch.put(outbox, opaque, requestPairs.length, bodyBytes);
  outbox.bytes.set(requestPairs, at);
  at += requestPairs.length;
  for (let index = from; index < to; index++) {
    const propertiesBytes = pairBytes(out, index);
    at = writeBatchItem(outbox.bytes, at, values[index] ?? noValue, propertiesBytes);
    writePairs(out, index, outbox.bytes, at);
    at += propertiesBytes;
  }
}

const itemBytes = (out: Outgoing, index: number) =>
  batchItemBytes((out.values[index] ?? noValue).length, pairBytes(out, index));

/** Builds the request as an object, for a connection that signs requests. */
function requestOf(out: Outgoing, from: number, to: number): Request {
  const { target, values, requestPairs, bornAtMs } = out;
  const propertiesOf = (index: number) => {
    const bytes = Buffer.alloc(pairBytes(out, index));
    writePairs(out, index, bytes, 0);
    return bytes.toString();
  };
  const message = { ...target.fixed, bornAtMs };
  const shared = requestPairs.toString();
  if (isSingle(out, from, to)) {
    return encodeSendMessageV2({ ...message, properties: propertiesOf(from) + shared, body: values[from] ?? noValue });
  }
  const items = values.slice(from, to).map((body, index) => ({ body, properties: propertiesOf(from + index) }));
  return encodeSendBatchMessage({ ...message, properties: shared, items });
}

/** Brokers of 5.x refuse a single message without a body, but accept it in a batch. */
const isSingle = ({ values }: Outgoing, from: number, to: number) => to - from === 1 && values[from]?.length !== 0;

function put(out: Outgoing, from: number, to: number, outbox: Outbox, opaque: number): void {
  if (isSingle(out, from, to)) putSingle(out, from, outbox, opaque);
  else putBatch(out, from, to, outbox, opaque);
}

/** Creates requests of `size` values each, from `from` to `to`; answers are counted in values. */
export function seriesOf(
  out: Outgoing,
  { from, to, size }: { from: number; to: number; size: number },
  { isGood, meaningOf, onAnswered }: Answers,
): RequestSeries {
  out.target.single.bornAt(out.bornAtMs);
  out.target.batch.bornAt(out.bornAtMs);
  const at = (index: number) => from + index * size;
  return {
    count: (to - from) / size,
    put: (outbox, index, opaque) => put(out, at(index), at(index + 1), outbox, opaque),
    requestOf: (index) => requestOf(out, at(index), at(index + 1)),
    isGood,
    meaningOf,
    ...(onAnswered && { onAnswered: (first: number, end: number) => onAnswered(at(first), at(end)) }),
  };
}

/** Creates requests in order, each with as many values as a broker accepts. */
export function* inParts(out: Outgoing, answers: Answers): Iterable<RequestSeries> {
  const sizes = out.values.map((_, index) => itemBytes(out, index));
  for (const { from, to } of parts(sizes)) yield seriesOf(out, { from, to, size: to - from }, answers);
}

/** Splits items into parts, in order, each as large as a broker accepts. @param sizes sizes of batch items, in bytes */
export function* parts(sizes: readonly number[]): Iterable<{ from: number; to: number }> {
  let from = 0;
  let held = 0;
  for (const [index, size] of sizes.entries()) {
    if (index > from && held + size > largestBody) {
      yield { from, to: index };
      [from, held] = [index, 0];
    }
    held += size;
  }
  if (sizes.length > from) yield { from, to: sizes.length };
}
