// Sorts clusters: lost ones first, then by headroom; those with unknown headroom follow by state and name.

import { clusterStates, lossRank, type ClusterStatus } from '../../core/documents/cluster-status.ts';

export function worstFirst(statuses: readonly ClusterStatus[]): ClusterStatus[] {
  return statuses.toSorted((a, b) => {
    const byLoss = lossRank(a) - lossRank(b);
    if (byLoss !== 0) return byLoss;
    if (a.headroom !== undefined && b.headroom !== undefined && a.headroom !== b.headroom) {
      return a.headroom - b.headroom;
    }
    if ((a.headroom === undefined) !== (b.headroom === undefined)) return a.headroom === undefined ? 1 : -1;
    const byState = clusterStates.indexOf(a.state) - clusterStates.indexOf(b.state);
    return byState || (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0);
  });
}
