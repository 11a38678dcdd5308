// Decodes stored messages from a pull response: back to back, the last one possibly truncated.

import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../../core/errors.ts';
import { decodeBatch } from './message-batch.ts';
import { renderHost } from './message-id.ts';
import { findProperty, propertyNames } from './message-properties.ts';

/*
 * Message   totalSize      int32         of the whole message, including this field
 *           magic          int32         0xDAA320A7, or 0xDAA320AB: the topic's length is an int16
 *           bodyCrc        int32
 *           queueId        int32
 *           flag           int32         set by the sender
 *           queueOffset    int64
 *           physicalOffset int64         in the commit log
 *           sysFlag        int32         bit 0 compressed, bits 2-3 transaction, bit 4 bornHost is IPv6,
 *                                        bit 5 storeHost is IPv6, bit 7 the body is a batch (5.x),
 *                                        bits 8-10 compression 0 or 3 zlib, 1 lz4, 2 zstd
 *           bornAt         int64         milliseconds since the epoch, the sender's clock
 *           bornHost       4 or 16 bytes, port int32
 *           storedAt       int64         milliseconds since the epoch, the broker's clock
 *           storeHost      4 or 16 bytes, port int32
 *           reconsumeTimes int32
 *           preparedAt     int64         offset of the half message of a transaction
 *           body           int32 length, bytes
 *           topic          uint8 or int16 length, UTF-8
 *           properties     int16 length, pairs as in message-properties.ts
 * Blank     totalSize int32, magic 0xCBD43194: fills the end of a commit log file
 */

const magicV1 = 0xdaa320a7;
const magicV2 = 0xdaa320ab;
const magicBlank = 0xcbd43194;

const compressedFlag = 0x1;
const transactionBits = 0xc;
const innerBatchFlag = 0x80;
const bornHostV6Flag = 0x10;
const storeHostV6Flag = 0x20;

/** Position of bornHost, whose length is in the flags; the smallest message has two IPv4 hosts and no content. */
const bornHostAt = 48;
const smallestMessage = 91;

/**
 * Brokers refuse messages over maxMessageSize, 4 MiB by default; a body that unpacks to more is a decompression bomb.
 */
const largestBody = 64 * 1024 * 1024;

type MessageBody =
  | { kind: 'plain'; bytes: Buffer }
  /** Still compressed: this runtime lacks the algorithm, or the body is damaged. */
  | { kind: 'packed'; bytes: Buffer; reason: string };

export type StoredMessage = ReturnType<typeof readMessage>;

/** Yields every complete message; the next pull returns a truncated last one. @throws AppError answer-unreadable */
export function* readStoredMessages(answer: Buffer): Iterable<StoredMessage> {
  for (const { from, to } of frames(answer)) yield readMessage(answer.subarray(from, to));
}

/**
 * As readStoredMessages, but faster, since it reads only bodies. @throws AppError answer-unreadable, unsupported-broker
 */
export function readPulledBodies(answer: Buffer, from: bigint, { withKeys = false } = {}) {
  /** Bodies as sent, from the requested offset on; views unless they were compressed. */
  const values: Buffer[] = [];
  const offsets: number[] = [];
  /** KEYS of each message as sent; undefined for a message without keys; absent unless requested. */
  const keys: (Buffer | undefined)[] = [];
  /** Offset after the last message; absent if there is no message. */
  let next: bigint | undefined;
  for (const frame of frames(answer)) {
    const message = answer.subarray(frame.from, frame.to);
    const sysFlag = message.readInt32BE(36);
    const offset = message.readBigInt64BE(20);
    const stored = sized(message, bodyAt(sysFlag), 4);
    const body = unpackBody({ sysFlag, body: stored.bytes });
    if (body.kind === 'packed') {
      throw new AppError(
        'unsupported-broker',
        `cannot read the message at offset ${offset}: its body is compressed with ${body.reason}`,
      );
    }
    const isBatch = (sysFlag & innerBatchFlag) !== 0;
    const items = isBatch ? decodeBatch(body.bytes) : [{ body: body.bytes, properties: undefined }];
    items.forEach((item, index) => {
      if (offset + BigInt(index) < from) return;
      values.push(item.body);
      offsets.push(Number(offset) + index);
      if (!withKeys) return;
      const properties =
        item.properties === undefined ? propertiesOf(message, stored.end) : Buffer.from(item.properties);
      keys.push(findProperty(properties, propertyNames.keys));
    });
    next = offset + BigInt(items.length);
  }
  return { values, offsets, ...(withKeys && { keys }), ...(next !== undefined && { next }) };
}

/** Returns the body as it was sent, decompressed. */
export function unpackBody({ sysFlag, body }: { sysFlag: number; body: Buffer }): MessageBody {
  if ((sysFlag & compressedFlag) === 0) return { kind: 'plain', bytes: body };
  const algorithm = (sysFlag >> 8) & 0x7;
  const options = { maxOutputLength: largestBody };
  try {
    if (algorithm === 0 || algorithm === 3) return { kind: 'plain', bytes: inflateSync(body, options) };
    if (algorithm === 2) return { kind: 'plain', bytes: zstdDecompressSync(body, options) };
  } catch (cause) {
    return { kind: 'packed', bytes: body, reason: `damaged: ${(cause as Error).message}` };
  }
  return { kind: 'packed', bytes: body, reason: algorithm === 1 ? 'lz4' : `algorithm ${algorithm}` };
}

function* frames(answer: Buffer): Iterable<{ from: number; to: number }> {
  for (let from = 0; from + 8 <= answer.length;) {
    const size = answer.readInt32BE(from);
    const magic = answer.readUInt32BE(from + 4);
    if (magic === magicBlank) return;
    if (magic !== magicV1 && magic !== magicV2) {
      throw unreadable(`no message at byte ${from} of ${answer.length}: magic 0x${magic.toString(16)}`);
    }
    if (size < smallestMessage) throw unreadable(`a message of ${size} bytes at byte ${from} of ${answer.length}`);
    const to = from + size;
    if (to > answer.length) return;
    yield { from, to };
    from = to;
  }
}

function readMessage(message: Buffer) {
  const sysFlag = message.readInt32BE(36);
  const storedAt = bornHostAt + hostBytes(sysFlag, bornHostV6Flag) + 4;
  const storeHostAt = storedAt + 8;
  const reconsumeTimesAt = storeHostAt + hostBytes(sysFlag, storeHostV6Flag) + 4;
  const body = sized(message, bodyAt(sysFlag), 4);
  const topic = topicOf(message, body.end);
  return {
    topic: topic.bytes.toString('utf8'),
    queueId: message.readInt32BE(12),
    queueOffset: message.readBigInt64BE(20),
    physicalOffset: message.readBigInt64BE(28),
    flag: message.readInt32BE(16),
    sysFlag,
    transaction:
      (['none', 'prepared', 'committed', 'rolled-back'] as const)[(sysFlag & transactionBits) >> 2] ?? 'none',
    bornAtMs: Number(message.readBigInt64BE(40)),
    /** `address:port`, IPv6 in brackets. */
    bornHost: renderAddress(message, bornHostAt, storedAt),
    storedAtMs: Number(message.readBigInt64BE(storedAt)),
    storeHost: renderAddress(message, storeHostAt, reconsumeTimesAt),
    reconsumeTimes: message.readInt32BE(reconsumeTimesAt),
    /** Size in the commit log, in bytes. */
    storedBytes: message.length,
    /** A view into the answer. */
    body: body.bytes,
    /** Pairs for decodeProperties; a view into the answer. */
    properties: sized(message, topic.end, 2).bytes,
  };
}

const topicOf = (message: Buffer, at: number) => sized(message, at, message.readUInt32BE(4) === magicV2 ? 2 : 1);

const propertiesOf = (message: Buffer, bodyEnd: number) => sized(message, topicOf(message, bodyEnd).end, 2).bytes;

const hostBytes = (sysFlag: number, v6Flag: number) => ((sysFlag & v6Flag) === 0 ? 4 : 16);

const bodyAt = (sysFlag: number) =>
  bornHostAt + hostBytes(sysFlag, bornHostV6Flag) + 4 + 8 + hostBytes(sysFlag, storeHostV6Flag) + 4 + 4 + 8;

/** Reads bytes that follow their length. @throws AppError when the message ends before them */
function sized(message: Buffer, at: number, lengthBytes: 1 | 2 | 4): { bytes: Buffer; end: number } {
  const from = at + lengthBytes;
  if (from > message.length) throw unreadable(`a message of ${message.length} bytes ends at byte ${at}`);
  const length = lengthBytes === 1 ? message.readUInt8(at) : message.readIntBE(at, lengthBytes);
  const end = from + length;
  if (length < 0 || end > message.length) {
    throw unreadable(`a part of ${length} bytes at byte ${at} of a message of ${message.length}`);
  }
  return { bytes: message.subarray(from, end), end };
}

function renderAddress(message: Buffer, from: number, to: number): string {
  const host = renderHost(message.subarray(from, to - 4));
  return `${host.includes(':') ? `[${host}]` : host}:${message.readInt32BE(to - 4)}`;
}

const unreadable = (reason: string) =>
  new AppError('answer-unreadable', `cannot read the messages of a pull: ${reason}`);
