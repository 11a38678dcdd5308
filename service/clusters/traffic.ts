// Defines the produce and consume rates of a cluster, which service/clusters/traffic-between.ts computes.

import type { LoadByName } from '../../app/observe/resource-demand.ts';

/** Messages per second. Unknown rates are absent: a counter was reset, or a part could not be read. */
export interface ClusterTraffic extends LoadByName {
  /** Time of the later of the two readings. */
  at: Date;
  /** Set if the next reading failed. */
  isOld?: true;
  /** Time between the two readings. */
  seconds: number;
  /** By broker id: leaders on Kafka, `brokerName:brokerId` on RocketMQ. */
  brokers: ReadonlyMap<string, { produceTps?: number; consumeTps?: number }>;
}
