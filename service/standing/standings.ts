// Who tells how the clusters stand? The interface that API, pages and metrics read.

import type { ClusterStanding, FleetStanding } from '../../core/documents/standing.ts';

export interface Standings {
  /** As of the last collection: never waits for a broker. */
  fleet(): FleetStanding;
  /** Absent for a cluster that is not configured. */
  cluster(name: string): ClusterStanding | undefined;
}
