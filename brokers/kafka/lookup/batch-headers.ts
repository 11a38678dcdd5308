// Reads the headers of record batches without unpacking the records.

import { Reader, readRecordsBatch } from '../library.ts';
import { batchesOf, isWhole } from '../platformatic/record-batch.ts';
import {
  attributesAt,
  baseSequenceAt,
  compressionBits,
  controlBit,
  format,
  headerBytes,
  magicAt,
  producerIdAt,
  recordCountAt,
} from '../platformatic/record-batch-layout.ts';
import { unpackedBatch } from '../platformatic/unpacked-records.ts';

export type BatchHeader = ReturnType<typeof headerOf>;

function headerOf(whole: Buffer) {
  const attributes = whole.readInt16BE(attributesAt);
  return {
    records: whole.readInt32BE(recordCountAt),
    bytes: whole.length,
    /** 0 is uncompressed. */
    codec: attributes & compressionBits,
    isControl: (attributes & controlBit) !== 0,
    /** Producer id; −1 without idempotence. */
    producerId: whole.readBigInt64BE(producerIdAt),
    /** Number of earlier records of this producer in the partition; −1 without idempotence. */
    sequence: whole.readInt32BE(baseSequenceAt),
    whole,
  };
}

/** @param records record batches; a truncated last batch is skipped, and so are batches before Kafka 0.11 */
export function* batchHeadersIn(records: Buffer): Iterable<BatchHeader> {
  for (const whole of batchesOf(records)) {
    if (!isWhole(whole)) return;
    if (whole.readInt8(magicAt) === format) yield headerOf(whole);
  }
}

/** @returns unpacked and packed bytes of the records; undefined if this runtime cannot unpack them */
export function packingOf({ whole, codec }: BatchHeader): { plain: number; packed: number } | undefined {
  if (codec === 0) return undefined;
  try {
    const { records } = readRecordsBatch(Reader.from(unpackedBatch(whole)));
    const plain = records.reduce((sum, { length }) => sum + length + lengthBytes(length), 0);
    return { plain, packed: whole.length - headerBytes };
  } catch {
    // A codec without a library, a damaged batch, or one that unpacks to more than 64 MiB has an unknown ratio, which
    // affects nothing else.
    return undefined;
  }
}

/** Returns the size of the varint before a record: zigzag doubles the length. */
const lengthBytes = (length: number) => (length < 64 ? 1 : length < 8192 ? 2 : length < 1_048_576 ? 3 : 4);
