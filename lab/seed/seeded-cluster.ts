// Defines what seeding needs from a cluster; each broker kind implements it.

import type { Io } from '../../brokers/driver.ts';
import type { GroupState } from './plan.ts';

export interface SeededTopic {
  name: string;
  /** Ever stored in it, of all partitions: what retention has taken counts. */
  messages: number;
  /** Of those, stored by this run. */
  added: number;
}

/** What there is now, made by this run or by one before it. */
export interface Seeded {
  topics: readonly SeededTopic[];
  groups: readonly { name: string; state: GroupState }[];
}

export interface SeedIo extends Io {
  progress(line: string): void;
}

export interface SeededCluster extends AsyncDisposable {
  /** A topic that exists is left as it is. */
  ensureTopic(name: string, partitions: number, io: Io): Promise<void>;
  /** End of each partition. */
  ends(topic: string, partitions: number, io: Io): Promise<readonly bigint[]>;
  send(topic: string, partition: number, values: readonly Buffer[], io: Io): Promise<void>;
  commit(group: string, topic: string, offsets: ReadonlyMap<number, bigint>, io: Io): Promise<void>;
  /** What only this product has. */
  seedOwn(io: SeedIo): Promise<Seeded>;
}
