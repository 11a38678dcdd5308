// Defines the produce and consume rates of a cluster, which service/clusters/traffic-between.ts computes.

/** Messages per second. Unknown is absent: a counter that was reset, a part that could not be read. */
export interface ClusterTraffic {
  /** When the later of the two readings was made. */
  at: Date;
  /** The reading after it failed. */
  isOld?: true;
  /** Between the two readings. */
  seconds: number;
  produceTps?: number;
  consumeTps?: number;
  /** By the id of the broker: Kafka's leaders, RocketMQ's `brokerName:brokerId`. */
  brokers: ReadonlyMap<string, { produceTps?: number; consumeTps?: number }>;
  topics: ReadonlyMap<string, { produceTps?: number; consumeTps?: number }>;
  /** `topics`: of which it is. */
  groups: ReadonlyMap<string, { consumeTps: number; topics?: ReadonlyMap<string, number> }>;
}
