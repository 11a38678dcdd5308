// Reads when messages were stored: ListOffsets finds the recent ones, Fetch reads only those.

import type { Io } from '../../driver.ts';
import { fetchRecords } from '../platformatic/fetch.ts';
import { timestampAt } from '../platformatic/record-batch.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { readOffsetsAt } from '../changes/offsets-at.ts';

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
  const keyOf = ({ topic, partition }: Pick<MessagePosition, 'topic' | 'partition'>) => `${topic} ${partition}`;
  const partitions = [...new Map(places.map((place) => [keyOf(place), place])).values()];
  const found = await readOffsetsAt(link, partitions, nowMs - hotMs, io);
  const firstHot = new Map(found.map((each) => [keyOf(each), each]));
  const fetch = newestSpoken(link, 'Fetch', [[12, fetchRecords]]);
  const times: StoreTime[] = [];
  for (const place of places) {
    const hot = firstHot.get(keyOf(place));
    if (hot === undefined) times.push({ kind: 'unknown' });
    // Without an offset nothing was written since.
    else if (hot.offset === undefined || place.offset < hot.offset) times.push({ kind: 'cold' });
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
