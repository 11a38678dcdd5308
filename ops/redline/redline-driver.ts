// Defines the driver of a redline for each kind of broker: reads its traffic, raises it, and restores the layout.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import type { ConsumerLag } from '../../core/cluster.ts';
import type { JournalRow, LiveLoad, LiveReading, TopicFilter } from './live-load.ts';

export interface RedlineTools {
  clock: Clock;
  signal: AbortSignal;
  /** Called before each request that changes something. @throws AppError lease-lost and similar */
  check(): Promise<void>;
  /** Reports why the cluster cannot be restored right now; called on each attempt. */
  held(reason: string): void;
  /** Journals values about to be set, if the original alone does not show whether others changed them. */
  remember(rows: readonly JournalRow[]): Promise<void>;
}

/** State of a redline in the journal. */
interface JournaledLayout {
  /** State before the first step. */
  original: readonly JournalRow[];
  /** Values set by the redline. */
  set: readonly JournalRow[];
  ignoredGroups: readonly string[];
}

export interface Restored {
  /** Number of restored partitions or topics. */
  partitions: number;
  /** Partitions or topics changed by others, or that cannot be restored now, with the reason. */
  left: string[];
}

/** Time until traffic follows a step; the hold begins after this is measured. */
interface Following {
  /** Window of the rates. */
  windowSeconds: number;
  /** Timeout, after which traffic is assumed not to follow. */
  mostSeconds: number;
}

export interface RedlineDriver extends AsyncDisposable {
  /** `id` is used in snapshots and `clusters.<name>.brokers`; `name` in messages and for the canary. */
  broker: { id: string; name: string };
  /** @throws AppError usage if the cluster has no such broker; errors of the cluster */
  verify(io: Io): Promise<void>;
  /** Absent if a step takes effect immediately. */
  following?: Following;
  /** Number of steps over which rates are averaged to plan the next step; one if a step changes the rate of every partition. */
  averagedSteps: number;
  /** Share of a resource's use that grows with the rate of the broker, until steps show it. */
  growthOf(resource: string): number;
  /** @param only topics to include; internal ones are always excluded. @throws AppError of the cluster */
  read(only: TopicFilter, io: Io): Promise<LiveReading>;
  /** Name of a partition in readings. */
  partitionName(partition: Pick<ConsumerLag, 'topic' | 'partition' | 'brokerName'>): string;
  /** Parts of the load that a redline may change, and why others are left out. `topics`: topics to read from then on. */
  candidates(load: LiveLoad, io: Io): Promise<{ load: LiveLoad; left: string[]; topics?: readonly string[] }>;
  /** Reasons against a redline now. */
  problems(only: TopicFilter, io: Io): Promise<string[]>;
  /** Can run again after a crash at any moment. @throws AppError of the cluster, after some time without progress */
  restore(tools: RedlineTools, journaled: JournaledLayout): Promise<Restored>;
}
