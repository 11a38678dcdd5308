// Defines how commands read and move the committed offsets of a consumer group.

import type { Io } from './driver.ts';
import type { GroupMember } from './lookup.ts';
import type { PartitionPlace } from '../core/cluster.ts';

/** Offsets are those of the next message; unreported ones are absent. */
export interface GroupPosition extends PartitionPlace {
  /** First stored offset. */
  start?: bigint;
  /** Offset that the next message will get. */
  end?: bigint;
  /** First offset of a transaction that has not ended, if it is before `end` (Kafka). */
  openFrom?: bigint;
  /** Absent if the group never committed here. */
  committed?: bigint;
}

export interface OffsetTarget extends PartitionPlace {
  offset: bigint;
}

/** A time at which brokers find the offsets of a whole topic. */
export type Moment = { kind: 'time'; atMs: number } | { kind: 'start' } | { kind: 'end' };

/**
 * Whether members of the group read now. `unknown` never counts as stopped. `isConfigured`: the cluster has a config of
 * the group, but no commit: it has not started yet, or broadcasts (RocketMQ).
 *
 * `moves` is what can be moved while the group runs: nothing (Kafka), whole topics by time (RocketMQ before 5.2), or
 * any offset of any queue (RocketMQ from 5.2 on).
 */
export type GroupPresence =
  | { kind: 'absent'; isConfigured?: true }
  | { kind: 'stopped' }
  | { kind: 'running'; members: readonly GroupMember[]; moves: 'not' | 'by-time' | 'by-offset' }
  | { kind: 'unknown'; reason: string };

interface MovedGroup {
  /** Time until running members read from the new offsets; 0 if the commit alone is the move. */
  settlesSeconds: number;
}

export interface GroupOffsets extends AsyncDisposable {
  /** Whether topics that the user may not describe seem to be absent (Kafka). */
  hidesTopics?: true;
  presence(group: string, io: Io): Promise<GroupPresence>;
  /** @returns undefined for a topic the cluster does not have */
  positions(group: string, topic: string, io: Io): Promise<readonly GroupPosition[] | undefined>;
  /** @returns which missing partitions were deleted, without those of a RocketMQ broker that has no master */
  deleted(missing: readonly PartitionPlace[], io: Io): Promise<readonly PartitionPlace[]>;
  /** Existing topics with a commit of the group. @throws AppError broker-unreachable if some cannot be read now */
  topics(group: string, io: Io): Promise<readonly string[]>;
  /** Offsets from the broker, absent if no message is at or after the time; without places that could not be read. */
  offsetsAt(
    places: readonly PartitionPlace[],
    atMs: number,
    io: Io,
  ): Promise<readonly (PartitionPlace & { offset?: bigint })[]>;
  /**
   * Kafka accepts offsets only for a stopped group, and refuses others even if the group was stopped before.
   *
   * @param moment time of all targets, if they are those of a whole topic at one time
   * @throws AppError broker-refused; some of the targets may have been accepted by then
   */
  move(
    group: string,
    topic: string,
    targets: readonly OffsetTarget[],
    moment: Moment | undefined,
    io: Io,
  ): Promise<MovedGroup>;
}
