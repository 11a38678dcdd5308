// Defines how commands read and move the committed offsets of a consumer group.

import type { Io } from './driver.ts';
import type { GroupMember, PartitionRef } from './lookup.ts';

/** Offsets are of the next message; what the broker does not report is absent. */
export interface GroupPosition extends PartitionRef {
  /** First offset still stored. */
  start?: bigint;
  /** Offset the next message will get. */
  end?: bigint;
  /** Absent when the group never committed here. */
  committed?: bigint;
}

export interface OffsetTarget extends PartitionRef {
  offset: bigint;
}

/** A whole topic at one moment, as brokers find it themselves. */
export type Moment = { kind: 'time'; atMs: number } | { kind: 'start' } | { kind: 'end' };

/**
 * Whether somebody of the group reads now. `unknown` is never taken for stopped. `isConfigured`: the cluster has a configuration of the
 * group, but no commit: it did not start yet, or broadcasts (RocketMQ).
 *
 * `moves` is what can be moved in a running group: nothing (Kafka), whole topics by time (RocketMQ before 5.2), or any offset of any
 * queue (RocketMQ from 5.2 on).
 */
export type GroupPresence =
  | { kind: 'absent'; isConfigured?: true }
  | { kind: 'stopped' }
  | { kind: 'running'; members: readonly GroupMember[]; moves: 'not' | 'by-time' | 'by-offset' }
  | { kind: 'unknown'; reason: string };

interface MovedGroup {
  /** How long running members need until they read from there; 0 where the commit itself is all there is. */
  settlesSeconds: number;
}

export interface GroupOffsets extends AsyncDisposable {
  /** Topics that the user may not describe look absent (Kafka). */
  hidesTopics?: true;
  /** What the cluster calls itself, whatever address it was reached at; absent where it has no such name (RocketMQ). */
  clusterId(io: Io): Promise<string | undefined>;
  presence(group: string, io: Io): Promise<GroupPresence>;
  /** @returns undefined for a topic the cluster does not have */
  positions(group: string, topic: string, io: Io): Promise<readonly GroupPosition[] | undefined>;
  /** @returns those of the partitions, which their topic does not list, that were deleted: not those of a RocketMQ broker without a master */
  deleted(missing: readonly PartitionRef[], io: Io): Promise<readonly PartitionRef[]>;
  /** Topics in which the group has a commit. @throws AppError broker-unreachable where some cannot be read now */
  topics(group: string, io: Io): Promise<readonly string[]>;
  /** The broker's answer; absent where no message is as young. A place that could not be asked is not among the answers. */
  offsetsAt(
    places: readonly PartitionRef[],
    atMs: number,
    io: Io,
  ): Promise<readonly (PartitionRef & { offset?: bigint })[]>;
  /**
   * Kafka takes them of a stopped group only, and says so itself whatever was seen before.
   *
   * @param moment what the targets are of, where they are all of a topic at one moment
   * @throws AppError broker-refused; some of the targets may have been taken by then
   */
  move(
    group: string,
    topic: string,
    targets: readonly OffsetTarget[],
    moment: Moment | undefined,
    io: Io,
  ): Promise<MovedGroup>;
}
