// Reads stored messages of all partitions of a topic, filtered and ordered by time, without a group.

import { queueName } from '../../brokers/delta/partition-key.ts';
import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, FoundMessage, ReadStart } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { hasFilter, isSince, matches, type MessageFilter } from './message-filter.ts';

export interface BrowseRequest {
  topic: string;
  /** Absent: all partitions. */
  partition?: Pick<PartitionPlace, 'partition' | 'brokerName'>;
  from: ReadStart;
  filter: MessageFilter;
  /** Most messages to return. */
  most: number;
  /** Most messages to read in search of them. */
  mostRead: number;
}

export type Browsed = Awaited<ReturnType<typeof browseTopic>>;

type Lookup = Pick<ClusterLookup, 'partitions' | 'stored'>;

const readersAtOnce = 4;
const followPause = seconds(1);

/** @throws AppError not-found; errors of the brokers if no partition can be read */
export async function browseTopic(lookup: Lookup, request: BrowseRequest, io: Io) {
  const places = await placesOf(lookup, request, io);
  const { filter, most, mostRead, from } = request;
  const share = Math.max(1, Math.floor(mostRead / Math.max(1, places.length)));
  const wanted = from.kind === 'newest' && !hasFilter(filter) ? Math.min(most, share) : share;
  const parts: Awaited<ReturnType<typeof readPart>>[] = [];
  const faults: PartitionFault[] = [];
  const rest = places.values();
  const readRest = async () => {
    for (const place of rest) {
      try {
        parts.push(await readPart(lookup, place, { ...request, mostRead: wanted }, io));
      } catch (cause) {
        faults.push({ place, fault: faultOf(cause, io) });
      }
    }
  };
  await Promise.all(Array.from({ length: readersAtOnce }, readRest));
  const [first] = faults;
  if (first !== undefined && parts.length === 0) throw first.fault;
  const oldestFirst = parts.flatMap(({ messages }) => messages).toSorted(byTime);
  const positions: (PartitionPlace & { next?: bigint })[] = [
    ...parts.map(({ place, next }) => ({ ...place, next })),
    ...faults.map(({ place }) => place),
  ];
  return {
    /** Newest first if the newest were requested, else oldest first. */
    messages: from.kind === 'newest' ? oldestFirst.toReversed().slice(0, most) : oldestFirst.slice(0, most),
    /** Messages read, including those that did not match. */
    read: parts.reduce((sum, { read }) => sum + read, 0),
    partitions: places.length,
    /** Whether possibly matching messages were not read. */
    isCut: parts.some(({ isCut, hasOlder }) => isCut || (hasOlder && oldestFirst.length < most)),
    /** Where each partition continues; without `next` if it could not be read. */
    positions,
    /** Why partitions could not be read. */
    notices: faults.map(unreadNotice),
  };
}

interface PartitionFault {
  place: PartitionPlace;
  fault: AppError;
}

const unreadNotice = ({ place, fault }: PartitionFault) =>
  `partition ${queueName(place)} was not read: ${fault.message}`;

interface FollowRequest extends Omit<BrowseRequest, 'from' | 'most'> {
  /** Reports messages that one pass skips; without it, everything is read, however late. */
  onSkipped?(messages: number): void;
  /** Reports why a partition is not read, once until it is read again. */
  onUnread?(notice: string): void;
}

/** Yields messages as they are stored from now on, until the signal aborts. @throws AppError as browseTopic */
export async function* followTopic(
  lookup: Lookup,
  { onSkipped, onUnread, ...request }: FollowRequest,
  { clock, ...io }: Io & { clock: Pick<Clock, 'sleep'> },
): AsyncIterable<FoundMessage> {
  const fromNow = { ...request, from: { kind: 'newest' }, filter: {}, most: 1, mostRead: 1 } as const;
  const since = (offset: bigint) => ({ ...request, from: { kind: 'offset', offset } as const, most: request.mostRead });
  const first = await browseTopic(lookup, fromNow, io);
  for (const notice of first.notices) onUnread?.(notice);
  let { positions } = first;
  let unread = new Set(positions.filter(({ next }) => next === undefined).map(queueName));
  for (;;) {
    const found: FoundMessage[] = [];
    const moved: (typeof positions)[number][] = [];
    const faults: PartitionFault[] = [];
    for (const position of positions) {
      const { next, ...place } = position;
      try {
        const part = await readPart(lookup, place, next === undefined ? fromNow : since(next), io);
        if (next !== undefined) found.push(...part.messages);
        const skipped = next === undefined || onSkipped === undefined ? 0n : part.end - part.next;
        if (skipped > 0n) onSkipped?.(Number(skipped));
        moved.push({ ...place, next: part.next + (skipped > 0n ? skipped : 0n) });
      } catch (cause) {
        faults.push({ place, fault: faultOf(cause, io) });
        moved.push(position);
      }
    }
    const [failed] = faults;
    if (failed !== undefined && faults.length === positions.length) throw failed.fault;
    for (const each of faults) if (!unread.has(queueName(each.place))) onUnread?.(unreadNotice(each));
    unread = new Set(faults.map(({ place }) => queueName(place)));
    yield* found.toSorted(byTime);
    positions = moved;
    await clock.sleep(followPause, io);
  }
}

/** @throws AppError not-found */
async function placesOf(
  lookup: Lookup,
  { topic, partition }: Pick<BrowseRequest, 'topic' | 'partition'>,
  io: Io,
): Promise<readonly PartitionPlace[]> {
  const places = await lookup.partitions(topic, io);
  if (partition === undefined) return places;
  const named = places.filter((each) => queueName(each) === queueName(partition));
  if (named.length > 0) return named;
  const known = places.slice(0, 8).map(queueName).join(', ');
  throw new AppError(
    'not-found',
    `topic ${topic} has no partition ${queueName(partition)}; it has ${known}${places.length > 8 ? ', …' : ''}`,
  );
}

/** @returns also the offset of the next message to be written, and whether older messages exist when the newest were requested */
async function readPart(
  lookup: Lookup,
  place: PartitionPlace,
  { from: first, filter, most, mostRead }: Pick<BrowseRequest, 'from' | 'filter' | 'most' | 'mostRead'>,
  io: Io,
) {
  const messages: FoundMessage[] = [];
  const isWanted = (message: FoundMessage) =>
    (first.kind !== 'time' || isSince(message, first.atMs)) && matches(message, filter);
  let read = 0;
  let hasOlder = false;
  let from = first;
  for (;;) {
    const stored = await lookup.stored({ ...place, from, most: mostRead - read }, io);
    const { start, next, end } = stored;
    if (from.kind === 'newest') hasOlder = start !== undefined && start < end - BigInt(mostRead);
    read += stored.messages.length;
    messages.push(...stored.messages.filter(isWanted));
    // The newest of all partitions are among the newest of each.
    const surplus = Math.max(0, messages.length - most);
    messages.splice(first.kind === 'newest' ? 0 : most, surplus);
    const isEnough = first.kind !== 'newest' && messages.length >= most;
    if (next >= end || isEnough || read >= mostRead || stored.messages.length === 0) {
      return { place, messages, read, next, end, isCut: next < end && !isEnough, hasOlder };
    }
    from = { kind: 'offset', offset: next };
  }
}

/** Messages without a time are first; those of one partition keep their order. */
function byTime(one: FoundMessage, other: FoundMessage): number {
  return (one.storedAtMs ?? 0) - (other.storedAtMs ?? 0) || Number(one.offset - other.offset);
}
