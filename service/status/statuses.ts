// Defines how API, pages and metrics read the state of the clusters.

import type { ClusterStatus, FleetStatus } from '../../core/documents/cluster-status.ts';
import type { PromotionWindow } from './promotions.ts';

export interface ClusterStatuses {
  /** As of the last collection: never waits for a broker. */
  fleet(): FleetStatus;
  /** Absent for a cluster that is not configured. */
  cluster(name: string): ClusterStatus | undefined;
  /** Of config and of operators, also those that are over; in the order of time. */
  promotions(): readonly PromotionWindow[];
}
