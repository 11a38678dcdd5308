// Computes the length of a Kafka record batch of format 2.

/*
 * Batch    header 61 | records                          (org.apache.kafka.common.record: DefaultRecordBatch)
 * Record   length varint | attributes 1 | timestamp delta varlong | offset delta varint | key length varint (-1: null) | key
 *          | value length varint | value | header count varint | headers        (DefaultRecord)
 * varint   zigzag: the number is doubled, then 7 bits per byte
 *
 * Compression applies to the records, not to the batch header.
 */
const batchHeader = 61;

interface RecordShape {
  bodyBytes: number;
  /** 0 for a null key. */
  keyBytes?: number;
  /** All headers including their lengths. */
  headerBytes?: number;
}

/** @returns encoded size of a whole number as an unsigned varint */
export function unsignedVarintBytes(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest /= 128) length++;
  return length;
}

/** @param value not below 0 */
const varintBytes = (value: number) => unsignedVarintBytes(2 * value);

/** One byte each: attributes, the two deltas of the first record, and the header count. */
const fixedBytes = 4;

export function recordBytes({ bodyBytes, keyBytes = 0, headerBytes = 0 }: RecordShape): number {
  const key = keyBytes === 0 ? 1 : varintBytes(keyBytes) + keyBytes;
  const content = fixedBytes + key + varintBytes(bodyBytes) + bodyBytes + headerBytes;
  return varintBytes(Math.round(content)) + content;
}

/**
 * @param records may be a mean, such as 1.7
 * @param compressionRatio uncompressed over compressed
 * @returns bytes of one batch
 */
export function recordBatchBytes(shape: RecordShape, records: number, compressionRatio = 1): number {
  // The offset delta needs another byte from record 64 on, and another from 8,192.
  const longer = Math.max(0, records - 64) + Math.max(0, records - 8192);
  return batchHeader + (records * recordBytes(shape) + longer) / compressionRatio;
}

/** batch.size of the producer, 16,384 unless set. */
const usualBatch = 16_384;

/** @returns records of a full batch with the producer's default size, at least one */
export function fullBatchRecords(shape: RecordShape, compressionRatio = 1): number {
  return Math.max(1, Math.floor(((usualBatch - batchHeader) * compressionRatio) / recordBytes(shape)));
}
