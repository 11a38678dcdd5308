// Reads how far each share group is: DescribeShareGroupOffsets (Kafka 4.1 and later), which the client library does not have.

import { createAPI, Writer, type Reader } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { speaks } from '../wire/api-ranges.ts';
import { readItems } from '../wire/items.ts';
import type { Link } from '../wire/links.ts';
import type { FetchedGroup } from '../wire/offset-fetch.ts';
import { inChunks } from './chunks.ts';

/*
 * Request v0   groups [group_id compact string, topics [] nullable (null: all), tags], tags
 * Response v0  throttle_time_ms int32, groups [group_id compact string,
 *                topics [topic_name compact string, topic_id uuid,
 *                  partitions [partition_index int32, start_offset int64 (-1: not set yet), leader_epoch int32,
 *                    error_code int16, error_message compact nullable string, tags], tags],
 *                error_code int16, error_message compact nullable string, tags], tags
 */

interface SharePartition {
  partition: number;
  startOffset: bigint;
  errorCode: number;
}

const nullArray = 0;

export const describeShareGroupOffsets = createAPI(
  90,
  0,
  (groupIds: readonly string[]) =>
    Writer.create()
      .appendArray([...groupIds], (writer, groupId) => writer.appendString(groupId).appendUnsignedVarInt(nullArray))
      .appendTaggedFields(),
  (_correlationId: number, _api: number, _version: number, reader: Reader): FetchedGroup[] => {
    reader.readInt32();
    return readItems(reader, groupIn);
  },
);

function groupIn(reader: Reader): FetchedGroup {
  const groupId = reader.readString();
  const topics = readItems(reader, topicIn);
  const errorCode = reader.readInt16();
  reader.readNullableString();
  const refused = topics.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, errorCode: code }) => (code === 0 ? [] : [{ topic, partition, errorCode: code }])),
  );
  return { groupId, errorCode, topics: topics.map(committedIn), refused };
}

function topicIn(reader: Reader): { topic: string; partitions: SharePartition[] } {
  const topic = reader.readString();
  reader.readUUID();
  return { topic, partitions: readItems(reader, partitionIn) };
}

function partitionIn(reader: Reader): SharePartition {
  const partition = reader.readInt32();
  const startOffset = reader.readInt64();
  reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readNullableString();
  return { partition, startOffset, errorCode };
}

function committedIn({ topic, partitions }: { topic: string; partitions: SharePartition[] }) {
  const known = partitions.filter(({ startOffset, errorCode }) => errorCode === 0 && startOffset >= 0n);
  return {
    topic,
    partitions: Int32Array.from(known, ({ partition }) => partition),
    offsets: BigInt64Array.from(known, ({ startOffset }) => startOffset),
  };
}

/**
 * The start offset of a share group is the first one that it has not finished: it stands for the commit of a consumer
 * group. Some messages behind it may have been acknowledged out of order.
 */
export async function readShareOffsets(link: Link, groups: readonly string[], io: Io): Promise<FetchedGroup[]> {
  if (groups.length === 0 || !speaks(link.ranges, 'DescribeShareGroupOffsets', 0)) return [];
  const answers = await Promise.all(
    inChunks(groups).map((chunk) => link.ask('read offsets of share groups', io, describeShareGroupOffsets, chunk)),
  );
  return answers.flat();
}
