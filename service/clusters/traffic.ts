// Defines the produce and consume rates of a cluster, which service/clusters/traffic-between.ts computes.

import type { LoadByName } from '../../app/observe/resource-demand.ts';

/** Messages per second. Unknown is absent: a counter that was reset, a part that could not be read. */
export interface ClusterTraffic extends LoadByName {
  /** When the later of the two readings was made. */
  at: Date;
  /** The reading after it failed. */
  isOld?: true;
  /** Between the two readings. */
  seconds: number;
  /** By the id of the broker: Kafka's leaders, RocketMQ's `brokerName:brokerId`. */
  brokers: ReadonlyMap<string, { produceTps?: number; consumeTps?: number }>;
}
