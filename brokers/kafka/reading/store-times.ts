// Reads when messages were stored: ListOffsets finds the recent ones, and Fetch reads only those.

import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../errors.ts';
import { fetchVersions, type fetchRecords } from '../platformatic/fetch.ts';
import { afterControl, timestampAt } from '../platformatic/record-batch.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { readOffsetsAt } from '../changes/offsets-at.ts';

export interface MessagePosition {
  topic: string;
  partition: number;
  offset: bigint;
  /**
   * Whether it is so close to the end that only transaction markers and aborted messages may follow; then it is read at
   * any age.
   */
  isTail?: boolean;
  /** Whether its transaction, if any, has ended. */
  isStable?: boolean;
}

/**
 * `control`: no committed message up to an offset. `cold`: not read, because it is older than what brokers usually have
 * in memory, or because its topic is quiet and may not be read.
 */
export type StoreTime =
  { kind: 'stored'; atMs: number } | { kind: 'control'; until: bigint } | { kind: 'cold' } | { kind: 'unknown' };

/** Age up to which messages are in the page cache of all but very busy brokers. */
const hotMs = 15 * 60_000;
/** A broker sends the first batch completely, however long. */
const partitionBytes = 64;
/** The marker at the end of a transaction is a batch of 78 bytes. */
export const mostMarkers = 12n;
const tailBytes = Number(mostMarkers) * 78;

/** Returns times in the order of the places, with one request for all, and one for each that is not cold. */
export async function readStoreTimes(
  link: Link,
  places: readonly MessagePosition[],
  nowMs: number,
  io: Io,
): Promise<StoreTime[]> {
  const keyOf = ({ topic, partition }: Pick<MessagePosition, 'topic' | 'partition'>) => `${topic} ${partition}`;
  const dated = places.filter(({ isTail }) => isTail !== true);
  const partitions = [...new Map(dated.map((place) => [keyOf(place), place])).values()];
  const found = partitions.length === 0 ? [] : await readOffsetsAt(link, partitions, nowMs - hotMs, io);
  const firstHot = new Map(found.map((each) => [keyOf(each), each]));
  const fetch = newestSpoken(link, ...fetchVersions);
  const times: StoreTime[] = [];
  for (const place of places) {
    const hot = firstHot.get(keyOf(place));
    if (place.isTail === true) times.push(await readOne(link, fetch, place, nowMs, io));
    else if (hot === undefined) times.push({ kind: 'unknown' });
    // No offset means that no message was written since then.
    else if (hot.offset === undefined || place.offset < hot.offset) times.push({ kind: 'cold' });
    else times.push(await readOne(link, fetch, place, nowMs, io));
  }
  return times;
}

async function readOne(
  link: Link,
  fetch: typeof fetchRecords,
  { topic, partition, offset, isTail = false, isStable = false }: MessagePosition,
  nowMs: number,
  io: Io,
): Promise<StoreTime> {
  const positions = [{ partition, offset }];
  const request = {
    positions,
    partitionBytes: isTail ? tailBytes : partitionBytes,
    // Only stable offsets: a fetch of committed messages waits while a transaction is open.
    isCommittedOnly: isTail && isStable,
  };
  const { partitions } = await link.ask('read the age of a message', io, fetch, topic, request);
  const [found] = partitions;
  if (found === undefined || found.errorCode !== 0) {
    // Otherwise every quiet topic would be refused again at each snapshot.
    const isFinal = isTail && kafkaErrorNamed(found?.errorCode ?? 0) === 'TOPIC_AUTHORIZATION_FAILED';
    return { kind: isFinal ? 'cold' : 'unknown' };
  }
  const { records, aborted } = found;
  const until = afterControl(records, offset, aborted);
  if (until > offset) return { kind: 'control', until };
  const atMs = timestampAt(records, offset);
  // Producers stamp messages unless the topic is configured otherwise, and some stamps are not times of the present.
  return atMs === undefined || atMs <= 0 || atMs > nowMs ? { kind: 'unknown' } : { kind: 'stored', atMs };
}
