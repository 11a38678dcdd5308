// Defines access to the recorded readings of all clusters for API and pages.

import type { ClusterReadings } from './cluster-readings.ts';

export interface ReadingsReader {
  /** @returns undefined if nothing was recorded for the cluster */
  of(
    cluster: string,
  ): Pick<ClusterReadings, 'names' | 'points' | 'last' | 'bytes' | 'leftOut' | 'lagTimes'> | undefined;
  /** Memory for the points of all clusters. */
  usage(): { bytes: number; mostBytes: number };
}
