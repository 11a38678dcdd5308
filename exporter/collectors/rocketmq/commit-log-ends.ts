// Computes the commit log end of each broker and the lag of a replica.

import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { answering } from './from-details.ts';

/** By broker id. Without brokers that did not answer for this snapshot: against an end of before, a copy that lives looks ahead. */
export function commitLogEnds(snapshot: ClusterSnapshot): ReadonlyMap<string, bigint> {
  const ends = new Map<string, bigint>();
  for (const { id, runtime } of answering(snapshot)) {
    const { commitLogMaxOffset } = parseRuntimeInfo(runtime);
    if (commitLogMaxOffset !== undefined) ends.set(id, commitLogMaxOffset);
  }
  return ends;
}

/** The two are read one after the other, so that the copy can seem to be ahead: that is 0. */
export function behindOf(master: bigint | undefined, copy: bigint | undefined): bigint | undefined {
  if (master === undefined || copy === undefined) return undefined;
  return master > copy ? master - copy : 0n;
}
