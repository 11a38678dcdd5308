// Defines the byte offsets of Kafka's record batch format 2, the only one since 0.11.

/*
 * RecordBatch  baseOffset           int64     0
 *              batchLength          int32     8   of the rest
 *              partitionLeaderEpoch int32    12
 *              magic                int8     16   2
 *              crc                  uint32   17   CRC-32C of the rest
 *              attributes           int16    21   bits 0-2 compression, bit 3 append time, bit 4 transactional,
 *                                                 bit 5 control
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
 * Key of a record in a control batch: version int16, type int16 (0 the transaction was aborted, 1 committed)
 *
 * https://kafka.apache.org/documentation/#messageformat
 */

export const headerBytes = 61;
export const lengthAt = 8;
export const leaderEpochAt = 12;
export const magicAt = 16;
export const crcAt = 17;
export const attributesAt = 21;
export const lastOffsetDeltaAt = 23;
export const baseTimestampAt = 27;
export const maxTimestampAt = 35;
export const producerIdAt = 43;
export const producerEpochAt = 51;
export const baseSequenceAt = 53;
export const recordCountAt = 57;
/** Bytes that `batchLength` does not count. */
export const beforeLengthEnds = lengthAt + 4;

export const format = 2;
export const compressionBits = 0b111;
export const appendTimeBit = 0b1000;
export const transactionalBit = 0b1_0000;
export const controlBit = 0b10_0000;
