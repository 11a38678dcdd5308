// Defines a simulated cluster: machines with cards and disks, their data sets, streams, and which of them serve.

import type { BrokerKind } from '../../../core/cluster.ts';

/** Interface bytes of one message on the card of its master or leader. */
export interface CardBytes {
  in: number;
  out: number;
}

export interface StreamCost {
  producer: CardBytes;
  /** For one copy to one follower. */
  follower: CardBytes;
  /** For one consumer group. */
  consumer: CardBytes;
  /** Written by each machine with a copy. */
  diskBytes: number;
}

export interface ReadingGroup {
  name: string;
  /** Maximum messages per second of its members together; absent: as many as cards and disks allow. */
  mostPerSecond?: number;
}

/** Load of a domain on a cluster. */
export interface Stream {
  name: string;
  /** Messages per second that producers want to send, one value per minute of the day. */
  rates: Float64Array;
  groups: readonly ReadingGroup[];
  cost: StreamCost;
  retentionSeconds: number;
  /**
   * Upper bound of what Kafka keeps beyond the retention, because it deletes whole segments: bytes of all partitions without copies, and age of the
   * oldest message.
   */
  segments?: { bytes: number; seconds: number };
  /** Mean over the retention time before the day. */
  averageTps: number;
  /** Mean before that; absent: the same. */
  usualTps?: number;
}

export interface Machine {
  host: string;
  zone?: string;
  /** Maximum of its card's counters per direction; bytes per second. */
  networkBytesPerSecond: number;
  /** Reads and writes together; absent if not measured: the disk is then never the limit. */
  diskBytesPerSecond?: number;
  diskBytes: number;
  /** Bytes of the log in memory: readers with less lag do not read from disk. */
  cacheBytes: number;
}

/** Unit of failover: a group of RocketMQ brokers, or the partitions that a Kafka broker leads while all are up. */
export interface DataSet {
  name: string;
  /** Indexes of machines; the first leads while it is up. */
  copies: readonly number[];
}

/** @returns the partitions that each broker leads, with their copies on the following brokers in order */
export const spreadSets = (brokers: readonly string[], replicas: number): DataSet[] =>
  brokers.map((name, index) => ({
    name,
    copies: Array.from({ length: Math.min(replicas, brokers.length) }, (_, place) => (index + place) % brokers.length),
  }));

/**
 * Leader of a set whose first machine is down. `spread`: all machines that are up, evenly (Kafka, where each partition
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
  /** Brokers that the plan survives losing at once; absent: one. */
  lostBrokers?: number;
  /** Copies that must be up for a set to accept messages. */
  leastCopies: number;
  /** Producers wait until every in-sync copy has the message (acks=all of Kafka); a lost copy counts until it is detected. */
  awaitsCopies: boolean;
  /** Time from the failure of a leader to the first message that the next one accepts. */
  electionSeconds: number;
  /** Like electionSeconds, after a clean stop of the leader. */
  handoverSeconds: number;
  /** How long producers buffer a message without a broker, before they report a failure. */
  holdSeconds: number;
  /** Disk share beyond which the oldest messages are deleted, read or unread; absent: a full disk accepts nothing more. */
  deletesBeyondShare?: number;
  /** A returning machine catches up within the safe shares below, as with replication throttling. */
  isThrottled: boolean;
  /** Safe maximum of each leading machine under the policy. */
  safe: { perLeaderTps: number; networkShare: number; diskShare: number };
  /** Saturation of a resource that is neither card nor disk; messages per second of a leader. */
  fullPerLeaderTps?: number;
}

/** `behind`: up again, but out of sync; it follows, and leads only sets without another leader. */
export type MachineState = 'up' | 'behind' | 'down';

/** A machine, and its share of the work of the set. */
export type Part = readonly [machine: number, share: number];

export interface Serving {
  takesMessages: boolean;
  /** Empty without a leader. */
  leaders: readonly Part[];
  /** Shares add up to the number of copies written besides the leader's. */
  followers: readonly Part[];
  /** Slaves that catch up, to which new messages must also be sent. */
  behind: readonly Part[];
  /** Machines that serve consumers; empty if the set is unreadable. */
  readers: readonly Part[];
}

const noServing: Serving = { takesMessages: false, leaders: [], followers: [], behind: [], readers: [] };

/** @returns parts for each set, regardless of elections and full disks */
export function servingOf(
  { sets, failover, leastCopies }: SimulatedCluster,
  states: readonly MachineState[],
): Serving[] {
  const up = states.flatMap((state, machine) => (state === 'up' ? [machine] : []));
  return sets.map(({ copies }) => {
    const [home = 0] = copies;
    const present = copies.filter((machine) => states[machine] === 'up');
    const [first] = present;
    if (failover === 'none') {
      // A returning master missed nothing: no other machine accepted messages of its set.
      if (states[home] !== 'up' && states[home] !== 'behind') {
        return first === undefined ? noServing : { ...noServing, readers: [[first, 1]] };
      }
      const followers = present.filter((machine) => machine !== home);
      const alone: Part[] = [[home, 1]];
      const behind = ones(copies.filter((machine) => machine !== home && states[machine] === 'behind'));
      return { takesMessages: true, leaders: alone, followers: ones(followers), behind, readers: alone };
    }
    if (first === undefined) return noServing;
    const takesMessages = present.length >= leastCopies;
    if (failover === 'within') {
      const leader: Part[] = [[first, 1]];
      return { ...noServing, takesMessages, leaders: leader, followers: ones(present.slice(1)), readers: leader };
    }
    const leaders = first === home ? ones([home]) : evenly(up, 1);
    const others = first === home ? up.filter((machine) => machine !== home) : up;
    return { ...noServing, takesMessages, leaders, followers: evenly(others, present.length - 1), readers: leaders };
  });
}

const ones = (machines: readonly number[]): Part[] => machines.map((machine) => [machine, 1]);

const evenly = (machines: readonly number[], total: number): Part[] =>
  total === 0 ? [] : machines.map((machine) => [machine, total / machines.length]);

/** Data that a machine misses while down or catching up, as shares of the sets' writes. */
export function missedBy({ sets, failover, machines }: SimulatedCluster, machine: number): Part[] {
  if (failover === 'spread') return sets.map(({ copies }, set) => [set, copies.length / machines.length]);
  return sets.flatMap(({ copies }, set) => (copies.includes(machine) ? [[set, 1] as const] : []));
}
