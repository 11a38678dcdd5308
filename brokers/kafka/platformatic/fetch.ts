// Encodes Fetch v12 (Kafka 2.7 and later), the last version that names topics, and v11 for Kafka 2.4 to 2.6; parses the responses.

import { createAPI, type Reader, ResponseError, Writer } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import { readItems } from '../wire/items.ts';
import type { AbortedTransaction } from './record-batch.ts';

const key = 1;
/** First version with compact lengths, tagged fields and last_fetched_epoch. */
const flexibleVersion = 12;

/** Defaults of Kafka's consumer, so that a run sees what the Java client would see. */
const maxWaitMs = 500;
const minBytes = 1;
const maxBytes = 50 * 2 ** 20;
const maxPartitionBytes = 2 ** 20;

/** FETCH_SESSION_ID_NOT_FOUND and INVALID_FETCH_SESSION_EPOCH: the consumer starts a new session. */
const sessionErrors = new Set([70, 71]);

export interface FetchPosition {
  partition: number;
  offset: bigint;
  /** Epoch of the leader that stored the previous record; the broker then reports a divergence of its log. */
  lastEpoch?: number;
}

export interface FetchRequest {
  /** Absent, like the epoch: no session (KIP-227), of which a broker keeps a limited number. */
  sessionId?: number;
  epoch?: number;
  /** In an open session: only the positions that moved. */
  positions: readonly FetchPosition[];
  /** In an open session: partitions to leave out until they are named again. */
  forgotten?: readonly number[];
  /** Limit of each partition; default 1 MiB. */
  partitionBytes?: number;
  /** Whether messages of open transactions are left out; then the answer lists aborted transactions. */
  isCommittedOnly?: boolean;
}

export interface FetchedPartition {
  partition: number;
  errorCode: number;
  /** Record batches, the last one truncated at the byte limit. Assembled on each read. */
  readonly records: Buffer;
  /** Returns the same bytes, in memory of the caller. */
  gather: Gather;
  /** Offset at which the leader's log diverges from what was read before: a new leader lacks the messages after it. */
  partedAt?: bigint;
  /** Aborted transactions among the records; empty unless only committed messages were requested. */
  aborted: readonly AbortedTransaction[];
}

export interface FetchAnswer {
  /** Error of the whole request: the session is unknown or out of step, or 0. */
  errorCode: number;
  /** 0 when the broker keeps no session for this consumer. */
  sessionId: number;
  /** In an open session: only partitions with changes. A throttled answer has none (KIP-219). */
  partitions: FetchedPartition[];
  throttleTimeMs: number;
}

/*
 * Request   replica_id int32 (-1), max_wait_ms int32, min_bytes int32, max_bytes int32, isolation_level int8 (1: committed),
 *           session_id int32 (0: none yet), session_epoch int32 (0: a new one, -1: none),
 *           [topic: name compact string, [partition: index int32, current_leader_epoch int32 (-1), fetch_offset int64,
 *             last_fetched_epoch int32 (-1: not known), log_start_offset int64 (-1), max_bytes int32, tags], tags],
 *           [forgotten topic: name compact string, [partition int32], tags], rack_id compact string, tags
 * Response  throttle_time_ms int32, error_code int16, session_id int32,
 *           [topic: name compact string, [partition: index int32, error_code int16, high_watermark int64,
 *             last_stable_offset int64, log_start_offset int64, [aborted: producer_id int64, first_offset int64, tags],
 *             preferred_read_replica int32, records compact bytes,
 *             tags: 0 diverging_epoch (epoch int32, end_offset int64, tags)], tags], tags
 * v11       without tags and last_fetched_epoch; strings have an int16 length, lists and bytes an int32
 */

function encode(
  isFlexible: boolean,
  topic: string,
  { sessionId = 0, epoch = -1, positions, forgotten = [], partitionBytes, isCommittedOnly = false }: FetchRequest,
): Writer {
  const how = [isFlexible, isFlexible] as const;
  const writer = Writer.create()
    .appendInt32(-1)
    .appendInt32(maxWaitMs)
    .appendInt32(minBytes)
    .appendInt32(maxBytes)
    .appendInt8(isCommittedOnly ? 1 : 0)
    .appendInt32(sessionId)
    .appendInt32(epoch)
    .appendArray(
      positions.length > 0 ? [topic] : [],
      (topicWriter, name) => {
        const position = (partitionWriter: Writer, { partition, offset, lastEpoch = -1 }: FetchPosition) => {
          partitionWriter.appendInt32(partition).appendInt32(-1).appendInt64(offset);
          if (isFlexible) partitionWriter.appendInt32(lastEpoch);
          partitionWriter.appendInt64(-1n).appendInt32(partitionBytes ?? maxPartitionBytes);
        };
        topicWriter.appendString(name, isFlexible).appendArray([...positions], position, ...how);
      },
      ...how,
    )
    .appendArray(
      forgotten.length > 0 ? [topic] : [],
      (topicWriter, name) => {
        const index = (indexWriter: Writer, partition: number) => indexWriter.appendInt32(partition);
        topicWriter.appendString(name, isFlexible).appendArray([...forgotten], index, isFlexible, false);
      },
      ...how,
    )
    .appendString('', isFlexible);
  return isFlexible ? writer.appendTaggedFields() : writer;
}

/** @throws ResponseError when the whole request was refused, except for its session */
function parse(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): FetchAnswer {
  const throttleTimeMs = reader.readInt32();
  const errorCode = reader.readInt16();
  if (errorCode !== 0 && !sessionErrors.has(errorCode))
    throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, undefined);
  const isFlexible = apiVersion >= flexibleVersion;
  const how = [isFlexible, isFlexible] as const;
  const sessionId = reader.readInt32();
  const readTopic = (topic: Reader) => {
    topic.readString(isFlexible);
    const readPartition = (partition: Reader): FetchedPartition => {
      const index = partition.readInt32();
      const code = partition.readInt16();
      partition.skip(3 * 8);
      const readAborted = (each: Reader) => ({ producerId: each.readInt64(), firstOffset: each.readInt64() });
      const aborted = readItems(partition, readAborted, ...how);
      partition.readInt32();
      const gather = readScatteredBytes(partition, isFlexible);
      const partedAt = isFlexible ? readPartedAt(partition) : undefined;
      return {
        partition: index,
        errorCode: code,
        aborted,
        gather,
        get records() {
          return gather();
        },
        ...(partedAt === undefined ? {} : { partedAt }),
      };
    };
    return readItems(topic, readPartition, isFlexible, false);
  };
  const partitions = readItems(reader, readTopic, ...how).flat();
  return { errorCode, sessionId, partitions, throttleTimeMs };
}

const divergingEpochTag = 0;
const divergingEpochBytes = 4 + 8;

/** Returns the end of the common log of leader and consumer, from the tagged fields of a partition. */
function readPartedAt(partition: Reader): bigint | undefined {
  let partedAt: bigint | undefined;
  for (let left = partition.readUnsignedVarInt(); left > 0; left--) {
    const tag = partition.readUnsignedVarInt();
    const size = partition.readUnsignedVarInt();
    const end = partition.position + size;
    if (size < 0 || size > partition.remaining)
      throw new AppError('answer-unreadable', `a field of ${size} bytes did not come`);
    if (tag === divergingEpochTag && size >= divergingEpochBytes) partedAt = partition.skip(4).readInt64();
    partition.position = end;
  }
  return partedAt;
}

const fetchIn = (version: number) => {
  const isFlexible = version >= flexibleVersion;
  return createAPI<[topic: string, request: FetchRequest], FetchAnswer>(
    key,
    version,
    (topic: string, request: FetchRequest) => encode(isFlexible, topic, request),
    parse,
    isFlexible,
    isFlexible,
  );
};

export const fetchRecords = fetchIn(flexibleVersion);

/** Versions for single fetches, the best first; v11 does not report divergence of logs. */
export const fetchVersions = [fetchRecords, fetchIn(11)] as const;

/** @param memoryFor returns at least that many bytes; the view is valid until they are reused (default: forever) */
type Gather = (memoryFor?: (size: number) => Buffer) => Buffer;

const nothing = Buffer.alloc(0);

/** Reads nullable bytes. @throws AppError answer-unreadable when there are fewer bytes than announced */
export function readScatteredBytes(reader: Reader, isCompact = true): Gather {
  const size = isCompact ? reader.readUnsignedVarInt() - 1 : reader.readInt32();
  if (size <= 0) return () => nothing;
  if (size > reader.remaining)
    throw new AppError('answer-unreadable', `${size} bytes announced, ${reader.remaining} came`);
  const { buffers: pieces } = reader.buffer.subarray(reader.position, reader.position + size);
  reader.skip(size);
  return (memoryFor = Buffer.allocUnsafe) => {
    const [first = nothing] = pieces;
    if (pieces.length <= 1) return first;
    const memory = memoryFor(size);
    let at = 0;
    for (const piece of pieces) {
      memory.set(piece, at);
      at += piece.length;
    }
    return memory.subarray(0, size);
  };
}
