// Sorts clusters by headroom; those with unknown headroom follow by state and name.

import { standingStates, type ClusterStanding } from '../../core/documents/standing.ts';

export function worstFirst(standings: readonly ClusterStanding[]): ClusterStanding[] {
  return standings.toSorted((a, b) => {
    if (a.headroom !== undefined && b.headroom !== undefined && a.headroom !== b.headroom) {
      return a.headroom - b.headroom;
    }
    if ((a.headroom === undefined) !== (b.headroom === undefined)) return a.headroom === undefined ? 1 : -1;
    const byState = standingStates.indexOf(a.state) - standingStates.indexOf(b.state);
    return byState || (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0);
  });
}
