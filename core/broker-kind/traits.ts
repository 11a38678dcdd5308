// Describes what every kind of broker must state about itself: what is known without a connection.

import type { BrokerFigures } from '../documents/evidence/broker-figures.ts';
import type { MonitoredPart } from '../documents/findings/input-findings.ts';

type Figures = readonly (keyof BrokerFigures)[];

export interface BrokerTraits {
  displayName: string;
  terms: {
    /** The copy of a partition that takes messages. */
    leader: 'leader' | 'master';
    partitions: 'partitions' | 'queues';
    /** Setting of a broker that limits the size of a message. */
    largestMessage: string;
    settingsFile: string;
  };
  /** The addresses that a client starts from. */
  discovery: {
    /** Key in the config, and option of `init`. */
    key: 'bootstrap' | 'namesrv';
    of: 'brokers' | 'name-servers';
    /** Whether an id that the cluster reports belongs to no other cluster. */
    hasUniqueClusterId: boolean;
  };
  /** `any-broker`: each partition has replicas on any brokers. `own-group`: a master has its own slaves, which copy all of it. */
  copies: 'any-broker' | 'own-group';
  brokerId: {
    /** The master and its slaves share it; the id itself where each broker leads partitions. */
    group(id: string): string;
    /** Whether clients can send messages to this broker. */
    canLead(id: string): boolean;
  };
  /** What can be moved to another broker to level the load. */
  moves: readonly ('leaders' | 'replicas' | 'queues')[];
  /** Whether partition numbers are unique in a topic, or only at one broker. */
  partitionNumbersPer: 'topic' | 'broker';
  /** Where the committed offsets of a group are: at any broker, as its coordinator, or at the broker of each queue. */
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
  /** Figures of a broker about itself: which part of the monitoring reads them, and any of these shows that it does. */
  internals: { part: MonitoredPart; figures: Figures; sourceOf(broker: string): string };
  memory: {
    usualHeapBytes: number;
    /** Of a small machine, all memory over the heap is at least this. */
    leastMemoryOverHeap: number;
    /** With less a broker does not start. */
    leastHeapBytes?: number;
    /** Share of memory in which the broker expects messages; consumers with more lag are served by slaves. Absent: all free memory. */
    residentShare?: number;
  };
  /** From this use of the disk on, the broker deletes the oldest files before their time. */
  deletesBeyondShare?: number;
  failover: {
    electionSeconds: number;
    /** Time without a leader when a broker is stopped in order. */
    handoverSeconds: number;
    /** For how long a producer keeps a message that it cannot send. */
    holdSeconds: number;
  };
  bytes: {
    /** What a message takes on the disk beyond its body, at least. */
    storedOverhead: number;
    /** What a message takes on the wire beyond its body, at least. */
    sentOverhead: number;
  };
}
