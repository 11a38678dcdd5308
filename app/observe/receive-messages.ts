// Reads the next messages of a topic, in partition order, as a consumer group would receive them, without joining it.

import { queueName } from '../../brokers/delta/partition-key.ts';
import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, OffsetTarget } from '../../brokers/group-offsets.ts';
import type { ClusterLookup, FoundMessage, ReadStart } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';

export interface ReceiveRequest {
  topic: string;
  /** Absent: all partitions. */
  partition?: Pick<PartitionPlace, 'partition' | 'brokerName'>;
  /** Default: the committed offset of the group, else the oldest stored message. */
  from?: ReadStart;
  group?: string;
  most: number;
}

/** The offset after the last received message. */
export interface ReceivedPosition extends OffsetTarget {
  /** Previous offset of the group; absent without a commit. */
  committed?: bigint;
}

/**
 * @returns messages, oldest first, with the order within each partition kept; and the position after each partition with a message
 * @throws AppError not-found; errors of the brokers
 */
export async function receiveMessages(
  lookup: Pick<ClusterLookup, 'partitions' | 'stored'>,
  offsets: Pick<GroupOffsets, 'positions'> | undefined,
  request: ReceiveRequest,
  io: Io,
) {
  const { topic, partition, group, most } = request;
  const all = await lookup.partitions(topic, io);
  const places = partition === undefined ? all : all.filter((each) => queueName(each) === queueName(partition));
  if (places.length === 0 && partition !== undefined) {
    throw new AppError('not-found', `topic ${topic} has no partition ${queueName(partition)}`, {
      hint: `it has ${all.slice(0, 8).map(queueName).join(', ')}`,
    });
  }
  const committed = await committedOf(offsets, group, topic, io);
  const waiting: FoundMessage[][] = [];
  for (const place of places) {
    const from = request.from ?? { kind: 'offset' as const, offset: committed.get(queueName(place)) ?? 0n };
    waiting.push(await readPlace(lookup, place, from, most, io));
  }
  const messages = inTurn(waiting, most);
  const next = new Map<string, ReceivedPosition>();
  for (const { offset, partition: number, brokerName } of messages) {
    const place = { topic, partition: number, ...(brokerName !== undefined && { brokerName }) };
    const before = committed.get(queueName(place));
    next.set(queueName(place), { ...place, offset: offset + 1n, ...(before !== undefined && { committed: before }) });
  }
  return { messages, next: [...next.values()] };
}

export async function committedOf(
  offsets: Pick<GroupOffsets, 'positions'> | undefined,
  group: string | undefined,
  topic: string,
  io: Io,
): Promise<ReadonlyMap<string, bigint>> {
  if (offsets === undefined || group === undefined) return new Map();
  const positions = (await offsets.positions(group, topic, io)) ?? [];
  return new Map(
    positions.flatMap((each) => (each.committed === undefined ? [] : [[queueName(each), each.committed] as const])),
  );
}

/** A read returns fewer messages than requested if they are large. */
async function readPlace(
  lookup: Pick<ClusterLookup, 'stored'>,
  place: PartitionPlace,
  first: ReadStart,
  most: number,
  io: Io,
): Promise<FoundMessage[]> {
  const found: FoundMessage[] = [];
  let from = first;
  while (found.length < most) {
    const { messages, next, end } = await lookup.stored({ ...place, from, most: most - found.length }, io);
    found.push(...messages);
    if (next >= end || messages.length === 0) break;
    from = { kind: 'offset', offset: next };
  }
  return found;
}

/** Timestamps within a partition may decrease; its messages keep their order. */
function inTurn(waiting: readonly FoundMessage[][], most: number): FoundMessage[] {
  const taken: FoundMessage[] = [];
  const time = ([head]: readonly FoundMessage[]) => head?.storedAtMs ?? 0;
  while (taken.length < most) {
    const [first, ...others] = waiting.filter((messages) => messages.length > 0);
    if (first === undefined) break;
    const next = others.reduce((best, each) => (time(each) < time(best) ? each : best), first);
    const message = next.shift();
    if (message !== undefined) taken.push(message);
  }
  return taken;
}
