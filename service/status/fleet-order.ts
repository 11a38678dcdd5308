// Sorts clusters: lost ones first, then by headroom; those with unknown headroom follow by state and name.

import { clusterStates, lossRank, type ClusterStatus } from '../../core/documents/cluster-status.ts';

export const worstFirst = (statuses: readonly ClusterStatus[]): ClusterStatus[] =>
  statuses.toSorted(
    (a, b) =>
      lossRank(a) - lossRank(b) ||
      // Of two that are unknown the difference is NaN.
      (a.headroom ?? Infinity) - (b.headroom ?? Infinity) ||
      clusterStates.indexOf(a.state) - clusterStates.indexOf(b.state) ||
      (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0),
  );
