// Reads the headers of record batches without unpacking their records.

import { Reader, readRecordsBatch } from '../library.ts';
import { batchHeader } from '../../../core/wire/record-batch-bytes.ts';
import { unpackedBatch } from '../platformatic/unpacked-records.ts';

/*
 * Batch   baseOffset int64 | batchLength int32 | leaderEpoch int32 | magic int8 | crc int32 | attributes int16 | lastOffsetDelta int32
 *         | baseTimestamp int64 | maxTimestamp int64 | producerId int64 | producerEpoch int16 | baseSequence int32 | records int32
 */

export interface BatchHeader {
  records: number;
  bytes: number;
  /** 0 is no compression. */
  codec: number;
  isControl: boolean;
  /** −1 without idempotence. */
  producerId: bigint;
  /** Of its first record: records of this producer to this partition before it; −1 without idempotence. */
  sequence: number;
  whole: Buffer;
}

const magicOfFormat2 = 2;

/** @param records the last batch may be torn, and is left out then; batches before Kafka 0.11 as well */
export function* batchHeadersIn(records: Buffer): Iterable<BatchHeader> {
  for (let at = 0; at + batchHeader <= records.length;) {
    const end = at + 12 + records.readInt32BE(at + 8);
    if (end > records.length || end < at + batchHeader) return;
    const whole = records.subarray(at, end);
    at = end;
    if (whole.readInt8(16) !== magicOfFormat2) continue;
    const attributes = whole.readInt16BE(21);
    yield {
      records: whole.readInt32BE(57),
      bytes: whole.length,
      codec: attributes & 0b111,
      isControl: (attributes & 0b10_0000) !== 0,
      producerId: whole.readBigInt64BE(43),
      sequence: whole.readInt32BE(53),
      whole,
    };
  }
}

/** @returns bytes of the records unpacked and packed; undefined where this runtime cannot unpack them */
export function packingOf({ whole, codec }: BatchHeader): { plain: number; packed: number } | undefined {
  if (codec === 0) return undefined;
  try {
    const { records } = readRecordsBatch(Reader.from(unpackedBatch(whole)));
    const plain = records.reduce((sum, { length }) => sum + length + lengthBytes(length), 0);
    return { plain, packed: whole.length - batchHeader };
  } catch {
    // A codec without a library, a damaged batch, or one that unpacks to more than 64 MiB: its ratio is unknown, and nothing
    // else depends on it.
    return undefined;
  }
}

/** Of the varint before a record: zigzag doubles it. */
const lengthBytes = (length: number) => (length < 64 ? 1 : length < 8192 ? 2 : length < 1_048_576 ? 3 : 4);
