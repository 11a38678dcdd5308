// Encodes Produce v9 (Kafka 2.8 and later); v13 names topics by id instead.

import { createAPI, ResponseError, Writer, type Reader } from '../library.ts';
import type { Acks } from '../../driver.ts';
import { acksOnWire, replicasWaitMs } from '../acks-on-wire.ts';
import { readItems } from '../wire/items.ts';
import { encodeIntoScratch, type RecordBatchOptions } from './record-batch-format.ts';

const key = 0;
const version = 9;

/*
 * Request   transactional_id compact nullable string (null: none)
 *           acks int16, timeout_ms int32
 *           [topic: name compact string, [partition: index int32, records compact bytes, tags], tags], tags
 * Response  [topic: name compact string, [partition: index int32, error_code int16, base_offset int64,
 *             log_append_time_ms int64, log_start_offset int64,
 *             [record_error: batch_index int32, message compact nullable string, tags],
 *             error_message compact nullable string, tags], tags], throttle_time_ms int32, tags
 */

interface ProduceOptions extends RecordBatchOptions {
  transactionalId?: string | undefined;
}

function encode(
  acks: Acks,
  topic: string,
  partition: number,
  values: readonly Buffer[],
  timestampMs: number,
  { transactionalId, ...how }: ProduceOptions = {},
): Writer {
  // The connection assembles the request at once, before the next batch overwrites this one.
  const records = encodeIntoScratch(values, timestampMs, how);
  const writer = Writer.create()
    .appendString(transactionalId)
    .appendInt16(acksOnWire[acks])
    .appendInt32(replicasWaitMs)
    .appendArray([topic], (topicWriter, name) => {
      topicWriter.appendString(name).appendArray([partition], (partitionWriter, index) => {
        partitionWriter
          .appendInt32(index)
          .appendUnsignedVarInt(records.length + 1)
          .append(records);
      });
    })
    .appendTaggedFields();
  if (acks === 'none') writer.context['noResponse'] = true;
  return writer;
}

interface ProduceAnswer {
  /** Offset of the first value. */
  baseOffset: bigint;
  /** Since Kafka 2.0, the broker answers first, and then does not read from this connection for this time (KIP-219). */
  throttleTimeMs: number;
}

/** @throws ResponseError when the partition was refused; the request has only one, so its error is the answer's */
function parse(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): ProduceAnswer {
  let baseOffset = -1n;
  const refusals: Record<string, [number, string | null]> = {};
  readItems(reader, (topic, topicIndex) => {
    topic.readString();
    readItems(topic, (partition, partitionIndex) => {
      partition.readInt32();
      const errorCode = partition.readInt16();
      baseOffset = partition.readInt64();
      partition.skip(2 * 8);
      readItems(partition, (recordError) => {
        recordError.readInt32();
        recordError.readNullableString();
      });
      const message = partition.readNullableString();
      if (errorCode !== 0) refusals[`/responses/${topicIndex}/partitions/${partitionIndex}`] = [errorCode, message];
    });
  });
  if (Object.keys(refusals).length > 0) throw new ResponseError(apiKey, apiVersion, refusals, undefined);
  return { baseOffset, throttleTimeMs: reader.readInt32() };
}

export const produce = createAPI<
  [acks: Acks, topic: string, partition: number, values: readonly Buffer[], timestampMs: number, how?: ProduceOptions],
  ProduceAnswer
>(key, version, encode, parse);
