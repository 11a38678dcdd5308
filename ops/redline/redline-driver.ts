// Defines what a redline needs of each kind of broker: reading its traffic, taking more of it, and restoring the layout.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import type { ConsumerLag } from '../../core/cluster.ts';
import type { JournalRow, LiveLoad, LiveReading, TopicFilter } from './live-load.ts';

export interface RedlineTools {
  clock: Clock;
  signal: AbortSignal;
  /** Before each request that changes something. @throws AppError lease-lost and the like */
  check(): Promise<void>;
  /** Why the cluster cannot be restored right now; called again with each attempt. */
  held(reason: string): void;
  /** Journals what is about to be set, where the original alone does not show whether others changed it. */
  remember(rows: readonly JournalRow[]): Promise<void>;
}

/** What the journal has of a redline. */
interface JournaledLayout {
  /** As it was before the first step. */
  original: readonly JournalRow[];
  /** What the redline set itself. */
  set: readonly JournalRow[];
  ignoredGroups: readonly string[];
}

export interface Restored {
  /** Partitions or topics that are as before. */
  partitions: number;
  /** Those that others changed meanwhile, or that cannot be restored now, with the reason. */
  left: string[];
}

/** How long traffic takes to follow a step; the hold begins once it was measured. */
interface Following {
  /** Rates are of so many seconds. */
  windowSeconds: number;
  /** Traffic that has not followed by then does not follow at all. */
  mostSeconds: number;
}

export interface RedlineDriver extends AsyncDisposable {
  /** `id` is that of snapshots and of `clusters.<name>.brokers`; `name` that of texts and of the canary. */
  broker: { id: string; name: string };
  /** @throws AppError usage where the cluster has no such broker; as it answers */
  verify(io: Io): Promise<void>;
  /** Absent where a step has taken effect once it is made. */
  following?: Following;
  /** Steps over which rates are averaged to choose what follows: one where a step changes the rate of every partition. */
  averagedSteps: number;
  /** Share of the use of a resource that grows with the rate of the broker, until steps show how much. */
  growthOf(resource: string): number;
  /** @param only topics that count; internal ones never do. @throws AppError as the cluster answers */
  read(only: TopicFilter, io: Io): Promise<LiveReading>;
  /** As readings name it. */
  partitionName(partition: Pick<ConsumerLag, 'topic' | 'partition' | 'brokerName'>): string;
  /** What a redline may change of a load, and why it leaves the rest. `topics`: those that are read from then on. */
  candidates(load: LiveLoad, io: Io): Promise<{ load: LiveLoad; left: string[]; topics?: readonly string[] }>;
  /** What speaks against a redline now. */
  problems(only: TopicFilter, io: Io): Promise<string[]>;
  /** Runs again after a crash at any moment. @throws AppError as the cluster answers, after some time without progress */
  restore(tools: RedlineTools, journaled: JournaledLayout): Promise<Restored>;
}
