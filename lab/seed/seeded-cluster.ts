// Defines the cluster operations that seeding needs; each broker kind implements them.

import type { Io } from '../../brokers/driver.ts';
import type { GroupState } from './plan.ts';

export interface SeededTopic {
  name: string;
  /** Messages ever stored in all partitions, including those removed by retention. */
  messages: number;
  /** Messages stored by this run. */
  added: number;
}

/** Current state, created by this run or an earlier one. */
export interface Seeded {
  topics: readonly SeededTopic[];
  groups: readonly { name: string; state: GroupState }[];
}

export interface SeedIo extends Io {
  progress(line: string): void;
}

export interface SeededCluster extends AsyncDisposable {
  /** Creates the topic; an existing topic is not changed. */
  ensureTopic(name: string, partitions: number, io: Io): Promise<void>;
  /** Returns the end offset of each partition. */
  ends(topic: string, partitions: number, io: Io): Promise<readonly bigint[]>;
  send(topic: string, partition: number, values: readonly Buffer[], io: Io): Promise<void>;
  commit(group: string, topic: string, offsets: ReadonlyMap<number, bigint>, io: Io): Promise<void>;
  /** Seeds what only this product has. */
  seedOwn(io: SeedIo): Promise<Seeded>;
}
