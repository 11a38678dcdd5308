// Defines what executing a reassignment needs: cluster, state on disk, clock and reporting.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { MovingPartition } from '../../../brokers/kafka/changes/reassignments.ts';
import type { Clock } from '../../../core/clock.ts';
import type { UnreadLoss } from '../live/retention-cut.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { note as noteChange } from '../../change/carry-out.ts';
import type { HeldJournal } from '../../change/held-journal.ts';
import type { ReassignJournal } from './reassign-facts.ts';

export interface Progress {
  /** Replicas that are copied, of those to copy. */
  replicas: { done: number; all: number };
  bytes: { done: number; all: number };
  /** Replicas that are deleted without a new copy; absent where none is. */
  removed?: { done: number; all: number };
  /** Partitions that move at this moment. */
  moving: number;
  throttleBytesPerSecond?: number;
  /** Kept waiting for this. */
  held?: string;
}

/** Nothing moves meanwhile, so the counts of the last progress hold. */
export type Waiting = Required<Pick<Progress, 'held'>>;

export interface Run extends HeldJournal {
  changes: KafkaChanges;
  state: ReassignJournal;
  clock: Clock;
  signal: AbortSignal;
  tell(line: string): void;
  progress(progress: Progress | Waiting): void;
  /** Seconds that messages of a canary waited for their acknowledgement, of the last `window` seconds; absent without a canary. */
  latencies?(window: number): readonly number[];
  /** Why the canary cannot measure, where it knows. */
  latencyTrouble?(): string | undefined;
  /** This process began the change: refused before its first wave, it has ended. */
  isNew?: boolean;
  /** Messages that groups have not read and that are older than a retention. @throws AppError as the cluster answers */
  unread(retention: { retentionMs: number; topics: readonly string[] }): Promise<readonly UnreadLoss[]>;
}

/** What the cluster says at one moment. */
export interface View {
  metadata: KafkaMetadata;
  moving: readonly MovingPartition[];
  alive: ReadonlySet<number>;
}

/** Where the partitions are going now. */
export function aimOf({ direction, facts }: Pick<ReassignJournal, 'direction' | 'facts'>): readonly KafkaPartition[] {
  return direction === 'forward' ? facts.target : facts.original;
}

/** Written to disk before it is reported. */
export const note = (run: Run, text: string): Promise<void> => noteChange({ ...run, journal: run.state }, text);

export function waiting(run: Pick<Run, 'progress'>, held: string): void {
  run.progress({ held });
}
