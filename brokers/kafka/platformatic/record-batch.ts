// Decodes record batches in place: values are views, and no objects are created per record.

import { AppError, orFault } from '../../../core/errors.ts';
import {
  appendTimeBit,
  attributesAt,
  baseTimestampAt,
  beforeLengthEnds,
  compressionBits,
  controlBit,
  format,
  headerBytes,
  lastOffsetDeltaAt,
  leaderEpochAt,
  lengthAt,
  magicAt,
  maxTimestampAt,
  producerIdAt,
  recordCountAt,
  transactionalBit,
} from './record-batch-format.ts';
import { unpackedRecords } from './unpacked-records.ts';

interface ReadRecords {
  /** Views into the passed bytes. */
  values: Buffer[];
  offsets: number[];
  /** One key for each value, if keys were requested. */
  keys?: (Buffer | undefined)[];
  /** Offset after the last whole batch; undefined if there is none. */
  next?: bigint;
  /** Epoch of the leader that stored the last whole batch. */
  leaderEpoch?: number;
}

/** An aborted transaction. */
export interface AbortedTransaction {
  producerId: bigint;
  firstOffset: bigint;
}

interface ReadOptions {
  withKeys?: boolean;
  /** Transactions whose messages are skipped, from the answer to a fetch of committed messages. */
  aborted?: readonly AbortedTransaction[];
}

/**
 * @returns every batch with a whole header, including those of format 0 and 1, whose header is shorter: check the magic
 * first. A broker truncates its answer, and so the last batch, at the byte limit
 */
export function* batchesOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at + magicAt < bytes.length;) {
    const end = at + beforeLengthEnds + bytes.readInt32BE(at + lengthAt);
    const headerEnd = at + (bytes.readInt8(at + magicAt) === format ? headerBytes : magicAt + 1);
    if (end < headerEnd || bytes.length < headerEnd) return;
    yield bytes.subarray(at, end);
    at = end;
  }
}

export const isWhole = (batch: Buffer): boolean => batch.length === beforeLengthEnds + batch.readInt32BE(lengthAt);

/** Checks the format, because fetches from version 4 on do not convert batches. @throws AppError broker-refused */
export function checkFormat(batch: Buffer, where?: string): void {
  const magic = batch.readInt8(magicAt);
  if (magic === format) return;
  const what = `a record batch of format ${magic}${where === undefined ? '' : ` in ${where}`}`;
  throw new AppError('broker-refused', `cannot read ${what}: only format 2 is supported`, {
    hint: 'it was stored before Kafka 0.11, or while `message.format.version` was lower: raise that setting, and start at a later offset',
  });
}

/** Before Kafka 0.11: one message, or a compressed set of them, whose last offset comes first. */
export const isOldFormat = (batch: Buffer): boolean => batch.readInt8(magicAt) < format;

const lastOffsetOf = (batch: Buffer): bigint => batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(lastOffsetDeltaAt));

/**
 * Decodes whole batches; the next fetch returns a truncated last one again.
 *
 * @param from records before this offset are skipped, because brokers send whole batches
 * @throws AppError broker-refused for a batch of another format
 */
export function readRecordBatches(
  bytes: Buffer,
  from: bigint,
  { withKeys = false, aborted = [] }: ReadOptions = {},
): ReadRecords {
  const read: ReadRecords = { values: [], offsets: [], ...(withKeys ? { keys: [] } : {}) };
  const isAborted = abortedAmong(aborted);
  let next: bigint | undefined;
  let leaderEpoch = -1;
  for (const batch of batchesOf(bytes)) {
    if (!isWhole(batch)) break;
    checkFormat(batch);
    const base = batch.readBigInt64BE(0);
    const isControl = (batch.readInt16BE(attributesAt) & controlBit) !== 0;
    if (!isAborted(batch) && !isControl) readRecords(batch, Number(from - base), read);
    next = lastOffsetOf(batch) + 1n;
    leaderEpoch = batch.readInt32BE(leaderEpochAt);
  }
  return next === undefined ? read : { ...read, next, leaderEpoch };
}

/**
 * An aborted transaction extends from its first offset to its producer's next abort marker.
 * https://kafka.apache.org/documentation/#controlbatch
 *
 * @returns whether a batch belongs to an aborted transaction; call it for each batch in the order of offsets
 */
export function abortedAmong(aborted: readonly AbortedTransaction[]): (batch: Buffer) => boolean {
  if (aborted.length === 0) return () => false;
  const coming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  let begun = 0;
  return (batch) => {
    const last = lastOffsetOf(batch);
    for (let each = coming[begun]; each !== undefined && each.firstOffset <= last; each = coming[++begun]) {
      open.add(each.producerId);
    }
    const attributes = batch.readInt16BE(attributesAt);
    if ((attributes & transactionalBit) === 0) return false;
    const producerId = batch.readBigInt64BE(producerIdAt);
    // A producer has one transaction at a time: its next marker, of either kind, ends the current one.
    if ((attributes & controlBit) !== 0) return open.delete(producerId);
    return open.has(producerId);
  };
}

/**
 * Reads the time stamp of a batch: its records were stored together, and stamped while their sender collected them.
 *
 * @returns when the first record was stamped, by its sender or, if the topic is configured so, by the broker;
 * milliseconds since the epoch, undefined when no batch reaches the offset
 */
export function timestampAt(bytes: Buffer, offset: bigint): number | undefined {
  for (const batch of batchesOf(bytes)) {
    if (batch.readInt8(magicAt) !== format) return undefined;
    if (lastOffsetOf(batch) < offset) continue;
    const isAppendTime = (batch.readInt16BE(attributesAt) & appendTimeBit) !== 0;
    return Number(batch.readBigInt64BE(isAppendTime ? maxTimestampAt : baseTimestampAt));
  }
  return undefined;
}

/**
 * @returns the end of control records and aborted messages from the offset on; the offset itself if it has a message
 */
export function afterControl(bytes: Buffer, offset: bigint, aborted: readonly AbortedTransaction[] = []): bigint {
  const isAborted = abortedAmong(aborted);
  let next = offset;
  for (const batch of batchesOf(bytes)) {
    if (batch.readInt8(magicAt) !== format) break;
    const isSkipped = isAborted(batch) || (batch.readInt16BE(attributesAt) & controlBit) !== 0;
    const last = lastOffsetOf(batch);
    if (last < next) continue;
    if (!isSkipped) break;
    next = last + 1n;
  }
  return next;
}

/** @param fromDelta records with a smaller offset delta are skipped */
function readRecords(batch: Buffer, fromDelta: number, { values, offsets, keys }: ReadRecords): void {
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
    const keyAt = cursor.at;
    cursor.at += Math.max(0, keyLength);
    const valueLength = readVarint(records, cursor);
    if (offsetDelta >= fromDelta && valueLength >= 0) {
      values.push(records.subarray(cursor.at, cursor.at + valueLength));
      offsets.push(base + offsetDelta);
      keys?.push(keyLength < 0 ? undefined : records.subarray(keyAt, keyAt + keyLength));
    }
    cursor.at = end;
  }
}

function recordBytes(batch: Buffer): Buffer {
  const records = batch.subarray(headerBytes);
  const compression = batch.readInt16BE(attributesAt) & compressionBits;
  if (compression === 0) return records;
  return orFault(
    () => unpackedRecords(records, compression),
    'broker-refused',
    `cannot decompress a record batch of compression ${compression}`,
  );
}

interface Cursor {
  at: number;
}

/** Reads zeros past the end, so that a truncated record fails a bounds check instead of throwing here. */
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
