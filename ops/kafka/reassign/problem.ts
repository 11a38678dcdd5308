// Defines a reassignment problem: partitions and brokers by index, without names.

/** A broker of the cluster: remaining brokers come first, leaving ones after them. */
export interface PlacedBroker {
  id: number;
  rack?: string;
  diskBytes?: number;
  networkBytesPerSecond?: number;
  /** It keeps its replicas, and gets none: all of its log directories are cordoned (KIP-1066). */
  isCordoned?: true;
}

export interface PlacedPartition {
  topic: string;
  partition: number;
  /** Indices of brokers, the preferred leader first. */
  replicas: readonly number[];
  /** Brokers on which a replica costs nothing, if there are more than in `replicas`: the partition loses copies. */
  origin?: readonly number[];
  /** Out-of-sync brokers of `replicas`, if known. */
  lagging?: readonly number[];
  logDirs?: readonly string[];
  bytes?: number;
}

export interface Problem {
  brokers: readonly PlacedBroker[];
  /** Number of brokers that stay. */
  live: number;
  /** Ascending by bytes, then by topic and number. */
  partitions: readonly PlacedPartition[];
  /** Partitions of other topics, which stay where they are. */
  others: readonly PlacedPartition[];
  /** Rack of each live broker, by index into `racks`; without racks, all brokers have index 0. */
  rackOf: Int32Array;
  racks: readonly string[];
  /** Relative capacity of each live broker, in any unit. */
  weights: readonly number[];
}

type Named = Pick<PlacedPartition, 'topic' | 'partition'>;

export const byName = (one: Named, two: Named): number =>
  one.topic === two.topic ? one.partition - two.partition : one.topic < two.topic ? -1 : 1;

/** Maximum number of replicas of a partition, including those it loses. */
export const mostReplicas = ({ partitions }: Pick<Problem, 'partitions'>): number =>
  partitions.reduce((most, { replicas, origin = [] }) => Math.max(most, replicas.length, origin.length), 1);

export const isHolder = ({ replicas, origin = replicas }: PlacedPartition, broker: number): boolean =>
  origin.includes(broker);

/** Whether a plan may put a replica of the partition on this broker. */
export const mayHold = ({ brokers }: Pick<Problem, 'brokers'>, partition: PlacedPartition, broker: number): boolean =>
  brokers[broker]?.isCordoned !== true || isHolder(partition, broker);

/** Maximum replicas of a partition in one rack: ⌈replication factor / racks⌉; without racks, all of them. */
export function rackLimit({ racks }: Pick<Problem, 'racks'>, replicas: number): number {
  return racks.length === 0 ? replicas : Math.ceil(replicas / racks.length);
}
