// Defines the input and state of an executing reassignment: cluster, state on disk, clock and reporting.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { KafkaChanges, MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { UnreadLoss } from '../live/retention-cut.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import type { HeldChange } from '../../change/held-journal.ts';
import type { ReassignFacts, ReassignJournal } from './reassign-facts.ts';

export interface Progress {
  /** Replicas copied so far, and replicas to copy. */
  replicas: { done: number; all: number };
  bytes: { done: number; all: number };
  /** Replicas deleted without a new copy; absent if there are none. */
  removed?: { done: number; all: number };
  /** Partitions that are moving now. */
  moving: number;
  throttleBytesPerSecond?: number;
  /** Reason for waiting. */
  held?: string;
}

/** Nothing moves during the wait, so the counts of the last progress stay valid. */
export type Waiting = Required<Pick<Progress, 'held'>>;

export interface Run extends HeldChange<ReassignFacts> {
  changes: KafkaChanges;
  progress(progress: Progress | Waiting): void;
  /** Acknowledgement latencies of canary messages in seconds, over the last `window` seconds; absent without a canary. */
  latencies?(window: number): readonly number[];
  /** Why the canary cannot measure, if known. */
  latencyTrouble?(): string | undefined;
  /** Unread messages of groups that are older than the retention. @throws AppError of the cluster */
  unread(retention: { retentionMs: number; topics: readonly string[] }): Promise<readonly UnreadLoss[]>;
}

/** Cluster state at one time. */
export interface View {
  metadata: KafkaMetadata;
  moving: readonly MovingPartition[];
  alive: ReadonlySet<number>;
}

/** The desired placement in the current direction. */
export function aimOf({ direction, facts }: Pick<ReassignJournal, 'direction' | 'facts'>): readonly KafkaPartition[] {
  return direction === 'forward' ? facts.target : facts.original;
}
