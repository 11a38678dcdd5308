// How do values become the bytes a broker stores, and back? Record batches of format 2, with null keys and no headers.

import { compressionsAlgorithmsByBitmask, crc32c } from '@platformatic/kafka';
import { AppError } from '../../../core/errors.ts';

/*
 * RecordBatch  baseOffset           int64     0
 *              batchLength          int32     8   of everything after it
 *              partitionLeaderEpoch int32    12
 *              magic                int8     16   2
 *              crc                  uint32   17   CRC-32C of everything after it
 *              attributes           int16    21   bits 0-2 compression, bit 3 the broker's time, bit 5 control
 *              lastOffsetDelta      int32    23
 *              baseTimestamp        int64    27   milliseconds since the epoch
 *              maxTimestamp         int64    35
 *              producerId           int64    43   -1: neither idempotent nor transactional
 *              producerEpoch        int16    51
 *              baseSequence         int32    53
 *              recordCount          int32    57
 *              records              Record*  61
 * Record       length varint, attributes int8, timestampDelta varlong, offsetDelta varint,
 *              keyLength varint (-1: null), key, valueLength varint (-1: null), value, headerCount varint, headers
 * varint       zigzag, 7 bits a byte, least significant first
 *
 * https://kafka.apache.org/documentation/#messageformat
 */

const headerBytes = 61;
const lengthAt = 8;
const magicAt = 16;
const crcAt = 17;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const baseTimestampAt = 27;
const maxTimestampAt = 35;
const recordCountAt = 57;
const compressionBits = 0b111;
const appendTimeBit = 0b1000;
const controlBit = 0b10_0000;

/** @param timestampMs of every record, milliseconds since the epoch */
export function encodeRecordBatch(values: readonly Buffer[], timestampMs: number): Buffer {
  let size = headerBytes;
  for (let index = 0; index < values.length; index++) {
    const body = bodyBytes(index, values[index]?.length ?? 0);
    size += varintBytes(body) + body;
  }
  const batch = Buffer.allocUnsafe(size);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(size - lengthAt - 4, lengthAt);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, magicAt);
  batch.writeInt16BE(0, attributesAt);
  batch.writeInt32BE(values.length - 1, lastOffsetDeltaAt);
  batch.writeBigInt64BE(BigInt(timestampMs), 27);
  batch.writeBigInt64BE(BigInt(timestampMs), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(values.length, recordCountAt);
  let at = headerBytes;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Buffer.alloc(0);
    at = writeVarint(batch, at, bodyBytes(index, value.length));
    batch[at++] = 0; // attributes
    batch[at++] = 0; // timestampDelta
    at = writeVarint(batch, at, index);
    batch[at++] = 1; // keyLength -1 in zigzag
    at = writeVarint(batch, at, value.length);
    at += value.copy(batch, at);
    batch[at++] = 0; // headerCount
  }
  batch.writeUInt32BE(crc32c(batch.subarray(attributesAt)), crcAt);
  return batch;
}

const bodyBytes = (offsetDelta: number, valueLength: number) =>
  1 + 1 + varintBytes(offsetDelta) + 1 + varintBytes(valueLength) + valueLength + 1;

export interface ReadRecords {
  /** Views into the bytes given. */
  values: Buffer[];
  offsets: number[];
  /** Offset after the last whole batch; undefined when there was none. */
  next?: bigint;
}

/**
 * A broker cuts its answer where the byte limit falls: what follows the last whole batch is fetched again.
 *
 * @param from records before this offset are left out; batches are sent whole
 * @throws AppError broker-refused for a batch of another format
 */
export function readRecordBatches(bytes: Buffer, from: bigint): ReadRecords {
  const read: ReadRecords = { values: [], offsets: [] };
  let next: bigint | undefined;
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt);
    if (end > bytes.length || end < at + headerBytes) break;
    const magic = bytes.readInt8(at + magicAt);
    if (magic !== 2)
      throw new AppError('broker-refused', `cannot read a record batch of format ${magic}: only format 2 is spoken`);
    const batch = bytes.subarray(at, end);
    const base = batch.readBigInt64BE(0);
    if ((batch.readInt16BE(attributesAt) & controlBit) === 0) readRecords(batch, Number(from - base), read);
    next = base + BigInt(batch.readInt32BE(lastOffsetDeltaAt)) + 1n;
    at = end;
  }
  return next === undefined ? read : { ...read, next };
}

/**
 * Of the batch: its records were stored together, and stamped within the time its sender gathered them.
 *
 * @returns when the first of them was stamped, by its sender or, where the topic says so, by the broker; milliseconds since the
 * epoch, undefined when no batch reaches the offset
 */
export function timestampAt(bytes: Buffer, offset: bigint): number | undefined {
  for (let at = 0; at + headerBytes <= bytes.length;) {
    if (bytes.readInt8(at + magicAt) !== 2) return undefined;
    const last = bytes.readBigInt64BE(at) + BigInt(bytes.readInt32BE(at + lastOffsetDeltaAt));
    if (last >= offset) {
      const isAppendTime = (bytes.readInt16BE(at + attributesAt) & appendTimeBit) !== 0;
      return Number(bytes.readBigInt64BE(at + (isAppendTime ? maxTimestampAt : baseTimestampAt)));
    }
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt);
    if (end < at + headerBytes) return undefined;
    at = end;
  }
  return undefined;
}

/** @param fromDelta records with a smaller offset delta are left out */
function readRecords(batch: Buffer, fromDelta: number, { values, offsets }: ReadRecords): void {
  const base = Number(batch.readBigInt64BE(0));
  const records = recordBytes(batch);
  const count = batch.readInt32BE(recordCountAt);
  const cursor = { at: 0 };
  for (let index = 0; index < count && cursor.at < records.length; index++) {
    const length = readVarint(records, cursor);
    const end = cursor.at + length;
    if (length < 0 || end > records.length) return;
    cursor.at += 1;
    skipVarint(records, cursor);
    const offsetDelta = readVarint(records, cursor);
    const keyLength = readVarint(records, cursor);
    cursor.at += Math.max(0, keyLength);
    const valueLength = readVarint(records, cursor);
    if (offsetDelta >= fromDelta && valueLength >= 0) {
      values.push(records.subarray(cursor.at, cursor.at + valueLength));
      offsets.push(base + offsetDelta);
    }
    cursor.at = end;
  }
}

function recordBytes(batch: Buffer): Buffer {
  const records = batch.subarray(headerBytes);
  const compression = batch.readInt16BE(attributesAt) & compressionBits;
  if (compression === 0) return records;
  try {
    const algorithm = compressionsAlgorithmsByBitmask[compression];
    if (algorithm === undefined) throw new Error('there is no such compression');
    return algorithm.decompressSync(records);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new AppError('broker-refused', `cannot unpack a record batch of compression ${compression}: ${why}`, {
      cause,
    });
  }
}

interface Cursor {
  at: number;
}

/** Past the end it reads zeros, so that a torn record ends in a bound and never in an exception. */
function readVarint(bytes: Buffer, cursor: Cursor): number {
  let raw = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[cursor.at++] ?? 0;
    raw |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return (raw >>> 1) ^ -(raw & 1);
}

function skipVarint(bytes: Buffer, cursor: Cursor): void {
  while (((bytes[cursor.at++] ?? 0) & 0x80) !== 0);
}

/** Of a number that is not negative: its zigzag is its double. */
function varintBytes(value: number): number {
  let raw = value * 2;
  let size = 1;
  while (raw >= 0x80) {
    raw = Math.floor(raw / 0x80);
    size++;
  }
  return size;
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let raw = value * 2;
  while (raw >= 0x80) {
    bytes[at++] = (raw & 0x7f) | 0x80;
    raw = Math.floor(raw / 0x80);
  }
  bytes[at++] = raw;
  return at;
}
