// Reads share group offsets with DescribeShareGroupOffsets (Kafka 4.1), which @platformatic/kafka lacks.

import { createAPI, Writer, type Reader } from '../library.ts';
import type { Io } from '../../driver.ts';
import { type Link, speaks } from '../wire/links.ts';
import { readItems } from '../wire/items.ts';
import type { FetchedGroup } from '../wire/offset-fetch.ts';
import { inChunks } from './chunks.ts';

/*
 * Request v0   groups [group_id compact string, topics [] nullable (null: all), tags], tags
 * Response v0  throttle_time_ms int32, groups [group_id compact string,
 *                topics [topic_name compact string, topic_id uuid,
 *                  partitions [partition_index int32, start_offset int64 (-1: not set yet), leader_epoch int32,
 *                    error_code int16, error_message compact nullable string, tags], tags],
 *                error_code int16, error_message compact nullable string, tags], tags
 *          v1  lag int64 (-1: unknown) after leader_epoch (KIP-1226, Kafka 4.2)
 */

interface SharePartition {
  partition: number;
  startOffset: bigint;
  /** Negative when unknown. */
  lag: bigint;
  errorCode: number;
}

const nullArray = 0;
const unknownLag = -1n;

const describeShareGroupOffsetsIn = (version: 0 | 1) =>
  createAPI(
    90,
    version,
    (groupIds: readonly string[]) =>
      Writer.create()
        .appendArray([...groupIds], (writer, groupId) => writer.appendString(groupId).appendUnsignedVarInt(nullArray))
        .appendTaggedFields(),
    (_correlationId: number, _api: number, _version: number, reader: Reader): FetchedGroup[] => {
      reader.readInt32();
      return readItems(reader, (each) => groupIn(each, version));
    },
  );

export const describeShareGroupOffsets = {
  v0: describeShareGroupOffsetsIn(0),
  v1: describeShareGroupOffsetsIn(1),
};

function groupIn(reader: Reader, version: 0 | 1): FetchedGroup {
  const groupId = reader.readString();
  const topics = readItems(reader, (each) => topicIn(each, version));
  const errorCode = reader.readInt16();
  reader.readNullableString();
  const refused = topics.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, errorCode: code }) => (code === 0 ? [] : [{ topic, partition, errorCode: code }])),
  );
  return { groupId, errorCode, topics: topics.map((topic) => committedIn(topic, version)), refused };
}

function topicIn(reader: Reader, version: 0 | 1): { topic: string; partitions: SharePartition[] } {
  const topic = reader.readString();
  reader.readUUID();
  return { topic, partitions: readItems(reader, (each) => partitionIn(each, version)) };
}

function partitionIn(reader: Reader, version: 0 | 1): SharePartition {
  const partition = reader.readInt32();
  const startOffset = reader.readInt64();
  reader.readInt32();
  const lag = version === 1 ? reader.readInt64() : unknownLag;
  const errorCode = reader.readInt16();
  reader.readNullableString();
  return { partition, startOffset, lag, errorCode };
}

function committedIn({ topic, partitions }: { topic: string; partitions: SharePartition[] }, version: 0 | 1) {
  const known = partitions.filter(({ startOffset, errorCode }) => errorCode === 0 && startOffset >= 0n);
  return {
    topic,
    partitions: Int32Array.from(known, ({ partition }) => partition),
    offsets: BigInt64Array.from(known, ({ startOffset }) => startOffset),
    ...(version === 1 && { lags: BigInt64Array.from(known, ({ lag }) => lag) }),
  };
}

/**
 * The start offset of a share group is used like the commit of a consumer group. Brokers write it before they advance
 * it, so it lags by the last acknowledged messages, forever if no others follow. The lag of 4.2 and later has no such
 * delay.
 */
export async function readShareOffsets(link: Link, groups: readonly string[], io: Io): Promise<FetchedGroup[]> {
  if (groups.length === 0 || !speaks(link.ranges, 'DescribeShareGroupOffsets', 0)) return [];
  const { v0, v1 } = describeShareGroupOffsets;
  const api = speaks(link.ranges, 'DescribeShareGroupOffsets', 1) ? v1 : v0;
  const answers = await Promise.all(
    inChunks(groups).map((chunk) => link.ask('read offsets of share groups', io, api, chunk)),
  );
  return answers.flat();
}
