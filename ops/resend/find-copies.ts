// Finds copies of a resend in its target topics by their marker.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { markerIn } from './copy-of.ts';
import type { ResendFacts } from './facts.ts';

export interface FoundCopy extends PartitionPlace {
  offset: bigint;
}

export interface Copies {
  /** By name of the original. */
  found: Map<string, FoundCopy[]>;
  /** Whether everything from the given offset on was read. */
  isComplete: boolean;
}

/** Maximum messages to read per partition and check: others may write to it as well. */
const mostRead = 200_000;

/** @param from no copy is stored before this offset */
export async function findCopies(
  lookup: Pick<ClusterLookup, 'stored'>,
  { id, topic }: Pick<ResendFacts, 'id' | 'topic'>,
  place: PartitionPlace,
  from: bigint,
  io: Io,
): Promise<Copies> {
  const found: Copies['found'] = new Map();
  const beginning = `${id} ${topic} `;
  let offset = from;
  let read = 0;
  for (;;) {
    const part = await lookup.stored({ ...place, from: { kind: 'offset', offset }, most: 1000 }, io);
    for (const message of part.messages) {
      const marker = markerIn(message);
      if (marker?.startsWith(beginning) !== true) continue;
      const name = marker.slice(beginning.length);
      found.set(name, [...(found.get(name) ?? []), { ...place, offset: message.offset }]);
    }
    read += part.messages.length;
    if (part.next >= part.end) return { found, isComplete: true };
    if (part.next <= offset || read >= mostRead) return { found, isComplete: false };
    offset = part.next;
  }
}
