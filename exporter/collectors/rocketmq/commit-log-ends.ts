// Computes the commit log end of each broker and the lag of a replica.

import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { answering } from './from-details.ts';

/** By broker id, without brokers that did not respond for this snapshot: compared with an old end, a live copy would be ahead. */
export function commitLogEnds(snapshot: ClusterSnapshot): ReadonlyMap<string, bigint> {
  const ends = new Map<string, bigint>();
  for (const { id, runtime } of answering(snapshot)) {
    const { commitLogMaxOffset } = parseRuntimeInfo(runtime);
    if (commitLogMaxOffset !== undefined) ends.set(id, commitLogMaxOffset);
  }
  return ends;
}

/** The ends are read one after the other, so a copy can appear to be ahead; the lag is then 0. */
export function behindOf(master: bigint | undefined, copy: bigint | undefined): bigint | undefined {
  if (master === undefined || copy === undefined) return undefined;
  return master > copy ? master - copy : 0n;
}
