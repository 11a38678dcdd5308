// Sorts clusters: lost ones first, then by headroom; clusters with unknown headroom follow by state and name.

import { clusterStates, lossRank, type ClusterStatus } from '../../core/documents/cluster-status.ts';

export const worstFirst = (statuses: readonly ClusterStatus[]): ClusterStatus[] =>
  statuses.toSorted(
    (a, b) =>
      lossRank(a) - lossRank(b) ||
      // The difference of two unknown values is NaN, so the next criterion decides.
      (a.headroom ?? Infinity) - (b.headroom ?? Infinity) ||
      clusterStates.indexOf(a.state) - clusterStates.indexOf(b.state) ||
      (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0),
  );
