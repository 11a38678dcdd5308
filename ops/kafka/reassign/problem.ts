// Defines a reassignment problem: partitions and brokers by index, without names.

/** A broker of the cluster: those that stay come first, those that leave after them. */
export interface PlacedBroker {
  id: number;
  rack?: string;
  diskBytes?: number;
  networkBytesPerSecond?: number;
}

export interface PlacedPartition {
  topic: string;
  partition: number;
  /** Indices of brokers, the preferred leader first. */
  replicas: readonly number[];
  /** Brokers at which a replica costs nothing, where these are more than `replicas`: it has copies to give away. */
  origin?: readonly number[];
  /** Those of `replicas` that are out of sync, where that is known. */
  lagging?: readonly number[];
  logDirs?: readonly string[];
  bytes?: number;
}

export interface Problem {
  brokers: readonly PlacedBroker[];
  /** How many of the brokers stay. */
  live: number;
  /** Ascending by bytes, then by topic and number. */
  partitions: readonly PlacedPartition[];
  /** Rack of each live broker, by index into `racks`; without racks each broker has the one there is. */
  rackOf: Int32Array;
  racks: readonly string[];
  /** Share of the cluster each live broker has, in any unit. */
  weights: readonly number[];
}

/** The most replicas of any partition, with those that it gives away. */
export const mostReplicas = ({ partitions }: Pick<Problem, 'partitions'>): number =>
  partitions.reduce((most, { replicas, origin = [] }) => Math.max(most, replicas.length, origin.length), 1);

/** Replicas one rack may hold of a partition: ⌈replication factor / racks⌉, and without racks all of them. */
export function rackLimit({ racks }: Pick<Problem, 'racks'>, replicas: number): number {
  return racks.length === 0 ? replicas : Math.ceil(replicas / racks.length);
}
