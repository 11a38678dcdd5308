// Reads when messages were stored: ListOffsets finds the recent ones, Fetch reads only those.

import { listOffsetsV5, listOffsetsV6 } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { fetchRecords } from '../platformatic/fetch.ts';
import { timestampAt } from '../platformatic/record-batch.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

export interface MessagePosition {
  topic: string;
  partition: number;
  offset: bigint;
}

/** `cold`: older than what brokers have in memory as a rule, and not read for that. */
export type StoreTime = { kind: 'stored'; atMs: number } | { kind: 'cold' } | { kind: 'unknown' };

/** Written so lately, it is in the page cache of all but very busy brokers. */
const hotMs = 15 * 60_000;
/** A broker sends the first batch whole, however long. */
const partitionBytes = 64;

/** In the order of the places: one request for all, and one for each that is not cold. */
export async function readStoreTimes(
  link: Link,
  places: readonly MessagePosition[],
  nowMs: number,
  io: Io,
): Promise<StoreTime[]> {
  const api = newestSpoken(link, 'ListOffsets', [
    [6, listOffsetsV6.api],
    [5, listOffsetsV5.api],
  ]);
  const timestamp = BigInt(nowMs - hotMs);
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  const question = Array.from(byTopic, ([name, wanted]) => ({
    name,
    partitions: Array.from(new Set(wanted.map(({ partition }) => partition)), (partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp,
    })),
  }));
  const fetch = newestSpoken(link, 'Fetch', [[12, fetchRecords]]);
  const { topics } = await link.askForParts('read which messages are young', io, api, -1, 0, question);
  const firstHot = new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode === 0)
        .map(({ partitionIndex, offset }) => [`${name} ${partitionIndex}`, offset] as const),
    ),
  );
  const times: StoreTime[] = [];
  for (const place of places) {
    const hotFrom = firstHot.get(`${place.topic} ${place.partition}`);
    if (hotFrom === undefined) times.push({ kind: 'unknown' });
    // -1: nothing was written since.
    else if (hotFrom < 0n || place.offset < hotFrom) times.push({ kind: 'cold' });
    else times.push(await readOne(link, fetch, place, nowMs, io));
  }
  return times;
}

async function readOne(
  link: Link,
  fetch: typeof fetchRecords,
  { topic, partition, offset }: MessagePosition,
  nowMs: number,
  io: Io,
): Promise<StoreTime> {
  const positions = [{ partition, offset }];
  // Without a session: brokers keep only so many of them.
  const request = { sessionId: 0, epoch: -1, positions, partitionBytes };
  const { partitions } = await link.ask('read the age of a message', io, fetch, topic, request);
  const [found] = partitions;
  const atMs = found === undefined || found.errorCode !== 0 ? undefined : timestampAt(found.records, offset);
  // Producers stamp messages unless the topic says otherwise, and some with what is no time of now.
  return atMs === undefined || atMs <= 0 || atMs > nowMs ? { kind: 'unknown' } : { kind: 'stored', atMs };
}
