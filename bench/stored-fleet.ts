// What is a fleet as a monitoring system stores it? Its size, its span, and its series.

export interface StoredFleet {
  clusters: readonly string[];
  brokersPerCluster: number;
  /** Of the first sample, seconds since the epoch. */
  from: number;
  minutes: number;
}

export interface StoredSeries {
  metric: string;
  labels: Readonly<Record<string, string>>;
  /** One for each minute; one number where it never changes. */
  values: Float64Array | number;
}

export const hostOf = (cluster: string, broker: string) => `${cluster}-${broker}.example`;
