// Defines the size, time span and series of a stored fleet.

export interface StoredFleet {
  clusters: readonly string[];
  brokersPerCluster: number;
  /** Time of the first sample, seconds since the epoch. */
  from: number;
  minutes: number;
}

export interface StoredSeries {
  metric: string;
  labels: Readonly<Record<string, string>>;
  /** One value per minute, or one number if it never changes. */
  values: Float64Array | number;
}

export const hostOf = (cluster: string, broker: string) => `${cluster}-${broker}.example`;
