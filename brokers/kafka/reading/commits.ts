// Reads committed offsets: 100 groups per OffsetFetch from Kafka 3.0, one before; share groups separately.

import { createAPI, offsetFetchV6, offsetFetchV7, type Reader, Writer } from '../library.ts';
import type { ConsumerGroup } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import { pipelined } from '../../pipelined.ts';
import { type Link, newestSpoken, speaks } from '../wire/links.ts';
import { type CommittedTopic, type FetchedGroup, offsetFetch } from '../wire/offset-fetch.ts';
import { inChunks } from './chunks.ts';
import { createRefusals, type Reading } from './reading.ts';
import { readItems } from '../wire/items.ts';

/** Commits by group, without groups that could not be read, or not in time. */
export type Commits = ReadonlyMap<string, readonly CommittedTopic[]>;

interface CommittingGroup {
  name: string;
  kind?: ConsumerGroup['kind'] | undefined;
}

interface CommitsIo extends Io {
  /**
   * When it aborts, the commits read so far are returned and the rest is refused: brokers before 3.0 answer one group
   * at a time.
   */
  enough?: AbortSignal;
}

/** @param groups groups, those to read first at the beginning */
export async function readCommits(
  link: Link,
  groups: readonly CommittingGroup[],
  io: CommitsIo,
): Promise<Reading<Commits>> {
  const namesOf = (isShare: boolean) =>
    groups.filter(({ kind }) => (kind === 'share') === isShare).map(({ name }) => name);
  const names = namesOf(false);
  const fetched = await Promise.all([fetchCommits(link, names, io), readShareOffsets(link, namesOf(true), io)]);
  const refusals = createRefusals('OffsetFetch');
  const unread = names.length - fetched[0].length;
  if (unread > 0) {
    const why = 'brokers before Kafka 3.0 answer for one group at a time';
    refusals.texts.push(`commits of groups not read in time (${unread}): ${why}`);
  }
  const commits = new Map<string, readonly CommittedTopic[]>();
  for (const { groupId, errorCode, topics, refused } of fetched.flat()) {
    if (!refusals.isWell(`commits of group ${groupId}`, errorCode)) continue;
    for (const { topic, partition, errorCode: code } of refused) {
      refusals.isWell(`commit of group ${groupId} in ${topic}-${partition}`, code);
    }
    commits.set(groupId, topics);
  }
  return { value: commits, refusals: refusals.texts };
}

async function fetchCommits(link: Link, groups: readonly string[], io: CommitsIo): Promise<FetchedGroup[]> {
  if (groups.length === 0) return [];
  const [manyAtOnce, v7, v6] = [offsetFetch, offsetFetchV7.api, offsetFetchV6.api];
  const { version } = newestSpoken<Pick<typeof v7, 'key' | 'version'>>(link, manyAtOnce, v7, v6);
  if (version === manyAtOnce.version) return fetchMany(link, groups, io);
  return fetchOneByOne(link, version === v7.version ? v7 : v6, groups, io);
}

async function fetchMany(link: Link, groups: readonly string[], io: Io): Promise<FetchedGroup[]> {
  const answers = await Promise.all(
    inChunks(groups).map((chunk) => link.ask('read committed offsets', io, offsetFetch, chunk)),
  );
  return answers.flat();
}

/** Enough to use up the broker's request budget; each waiting request wakes up whenever some of it is free. */
const groupsAtOnce = 64;

/** @returns the groups that were read in time */
async function fetchOneByOne(
  link: Link,
  api: typeof offsetFetchV7.api,
  groups: readonly string[],
  io: CommitsIo,
): Promise<FetchedGroup[]> {
  const { signal, enough } = io;
  const within = { signal: enough === undefined ? signal : AbortSignal.any([signal, enough]) };
  const answers = await pipelined(groups, groupsAtOnce, async (groupId): Promise<FetchedGroup[]> => {
    const request = [{ groupId, topics: null }];
    try {
      const answer = await link.askForParts('read committed offsets', within, api, request, false);
      return [{ groupId, errorCode: answer.errorCode, ...inColumns(answer.topics) }];
    } catch (cause) {
      signal.throwIfAborted();
      if (enough?.aborted !== true) throw cause;
      return [];
    }
  });
  const read = answers.flat();
  if (read.length === 0) enough?.throwIfAborted();
  return read;
}

function inColumns(
  answered: readonly offsetFetchV7.OffsetFetchResponseTopic[],
): Pick<FetchedGroup, 'topics' | 'refused'> {
  const refused = answered.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ errorCode }) => errorCode !== 0)
      .map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, errorCode })),
  );
  const topics = answered.map(({ name, partitions }) => {
    // -1 means never committed.
    const known = partitions.filter(({ errorCode, committedOffset }) => errorCode === 0 && committedOffset >= 0n);
    return {
      topic: name,
      partitions: Int32Array.from(known, ({ partitionIndex }) => partitionIndex),
      offsets: BigInt64Array.from(known, ({ committedOffset }) => committedOffset),
    };
  });
  return { topics, refused };
}

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
