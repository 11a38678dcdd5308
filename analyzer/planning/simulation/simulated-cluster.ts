// Defines a simulated cluster: machines with cards and disks, the data sets they hold, and streams.

import type { BrokerKind } from '../../../core/cluster.ts';

/** Interface bytes of one message on the card of its master or leader. */
export interface CardBytes {
  in: number;
  out: number;
}

export interface StreamCost {
  producer: CardBytes;
  /** Of one copy to one follower. */
  follower: CardBytes;
  /** Of one group that reads. */
  consumer: CardBytes;
  /** Written by each machine that keeps a copy. */
  diskBytes: number;
}

export interface ReadingGroup {
  name: string;
  /** Most messages a second that its members take together; absent: as many as cards and disks give. */
  mostPerSecond?: number;
}

/** The load of a domain on a cluster. */
export interface Stream {
  name: string;
  /** Messages a second that producers want to send, a value for each minute of the day. */
  rates: Float64Array;
  groups: readonly ReadingGroup[];
  cost: StreamCost;
  retentionSeconds: number;
  /**
   * Most that Kafka keeps beyond the retention, as it deletes whole segments: bytes of all partitions, copies not counted, and age of the
   * oldest message.
   */
  segments?: { bytes: number; seconds: number };
  /** Over the retention before the day. */
  averageTps: number;
  /** Before that; absent: the same. */
  usualTps?: number;
}

export interface Machine {
  host: string;
  zone?: string;
  /** Most that the counters of its card show, each direction; bytes a second. */
  networkBytesPerSecond: number;
  /** Reads and writes together; absent if not measured: then the disk is never the limit. */
  diskBytesPerSecond?: number;
  diskBytes: number;
  /** Share of the log in memory, so that readers with this little lag do not read from disk. */
  cacheBytes: number;
}

/** What fails over together: a group of RocketMQ brokers, or the partitions that a Kafka broker leads while all are up. */
export interface DataSet {
  name: string;
  /** Indexes of machines; the first leads while it is up. */
  copies: readonly number[];
}

/** @returns the partitions that each broker leads, with their copies on the brokers that follow it in turn */
export const spreadSets = (brokers: readonly string[], replicas: number): DataSet[] =>
  brokers.map((name, index) => ({
    name,
    copies: Array.from({ length: Math.min(replicas, brokers.length) }, (_, place) => (index + place) % brokers.length),
  }));

/**
 * Who leads a set whose first machine is gone. `spread`: all machines that are up, evenly (Kafka, where each partition
 * has followers elsewhere); `within`: the next copy of the set (DLedger, controller); `none`: no machine, and slaves
 * only serve readers.
 */
export type Failover = 'spread' | 'within' | 'none';

export interface SimulatedCluster {
  name: string;
  broker: BrokerKind;
  failover: Failover;
  machines: readonly Machine[];
  sets: readonly DataSet[];
  streams: readonly Stream[];
  /** Copies that must be up for a set to take messages. */
  leastCopies: number;
  /** Producers wait until every copy in sync has the message (acks=all of Kafka), a lost one until it is noticed. */
  awaitsCopies: boolean;
  /** From the death of a leader to the first message that the next one takes. */
  electionSeconds: number;
  /** As electionSeconds, where the leader was stopped in order. */
  handoverSeconds: number;
  /** How long producers keep a message without a broker, before they report a failure. */
  holdSeconds: number;
  /** Share of the disk beyond which the oldest messages go, read or not; absent: a full disk takes nothing more. */
  deletesBeyondShare?: number;
  /** A returning machine catches up within the safe shares below, as with replication throttling. */
  isThrottled: boolean;
  /** What each machine that leads may be used, as policy has it: the safe maximum. */
  safe: { perLeaderTps: number; networkShare: number; diskShare: number };
  /** Where a resource is full that is neither card nor disk; messages a second of a leader. */
  fullPerLeaderTps?: number;
}
