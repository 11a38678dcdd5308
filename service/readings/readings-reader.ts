// Defines the recorded readings of all clusters, as the API and pages read them.

import type { ClusterReadings } from './cluster-readings.ts';

export interface ReadingsReader {
  /** @returns undefined where nothing of the cluster was recorded */
  of(cluster: string): Pick<ClusterReadings, 'names' | 'points' | 'bytes' | 'leftOut' | 'lagTimes'> | undefined;
  /** Of the points of all clusters. */
  usage(): { bytes: number; mostBytes: number };
}
