// Describes the traits of a broker kind that are known without a connection.

import type { BrokerFigures } from '../documents/evidence/broker-figures.ts';
import type { MonitoredPart } from '../documents/findings/input-findings.ts';

type Figures = readonly (keyof BrokerFigures)[];

export interface BrokerTraits {
  displayName: string;
  terms: {
    /** The replica of a partition that accepts messages. */
    leader: 'leader' | 'master';
    partitions: 'partitions' | 'queues';
    /** Broker setting that limits the message size. */
    largestMessage: string;
    settingsFile: string;
  };
  /** Addresses from which clients discover the cluster. */
  discovery: {
    /** Key in the config, and option of `init`. */
    key: 'bootstrap' | 'namesrv';
    of: 'brokers' | 'name-servers';
    /** Whether the cluster id is globally unique. */
    hasUniqueClusterId: boolean;
  };
  /** `any-broker`: each partition has replicas on any brokers. `own-group`: a master has its own slaves, which copy all of it. */
  copies: 'any-broker' | 'own-group';
  brokerId: {
    /** Id shared by a master and its slaves; the broker id itself if each broker leads partitions. */
    group(id: string): string;
    /** Whether clients can send messages to this broker. */
    canLead(id: string): boolean;
  };
  /** What can be moved to another broker to level the load. */
  moves: readonly ('leaders' | 'replicas' | 'queues')[];
  /** Whether partition numbers are unique in a topic, or only at one broker. */
  partitionNumbersPer: 'topic' | 'broker';
  /** Where committed offsets of a group are stored: at any broker, as its coordinator, or at the broker of each queue. */
  commitsAt: 'any-broker' | 'own-broker';
  /** Whether consumers must stop before the offsets of their group can be set. */
  mustStopToMoveOffsets: boolean;
  /** Whether retention is a setting of a topic, or of a broker for all its topics. */
  retentionPer: 'topic' | 'broker';
  /** Whether producers send record batches, which are stored as they were sent. */
  hasRecordBatches: boolean;
  /** Whether delayed and transactional messages are stored a second time. */
  storesAside: boolean;
  hasQuotas: boolean;
  /** What the cluster reports about its clients. */
  clients: { producers: boolean; groupVersions: boolean };
  /** Broker metrics: which part of the monitoring reads them, and the figures that show that it works. */
  internals: { part: MonitoredPart; figures: Figures; sourceOf(broker: string): string };
  memory: {
    usualHeapBytes: number;
    /** Least memory outside the heap on a small machine. */
    leastMemoryOverHeap: number;
    /** Least heap with which a broker starts. */
    leastHeapBytes?: number;
    /** Share of memory in which the broker expects messages; consumers with more lag are served by slaves. Absent: all free memory. */
    residentShare?: number;
  };
  /** Disk usage from which the broker deletes the oldest files before retention expires. */
  deletesBeyondShare?: number;
  failover: {
    electionSeconds: number;
    /** Time without a leader after a clean broker stop. */
    handoverSeconds: number;
    /** How long a producer keeps an unsent message. */
    holdSeconds: number;
  };
  bytes: {
    /** Least bytes per message on disk beyond the body. */
    storedOverhead: number;
    /** Least bytes per message on the wire beyond the body. */
    sentOverhead: number;
  };
}
