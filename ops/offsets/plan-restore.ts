// Plans the restore of a group from its backup, or the rest of an interrupted move, one plan per topic, without
// changing anything.

import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition } from '../../brokers/group-offsets.ts';
import { moveTo, type Outcome } from './reset-target.ts';
import type { OffsetBackup } from './backup.ts';
import type { MoveFacts } from './move-facts.ts';
import {
  partitionText,
  positionFindings,
  presenceFindings,
  readPositions,
  type MovePlan,
  type PlannedPosition,
} from './plan-move.ts';

interface WantedPosition {
  partition: number;
  brokerName?: string | undefined;
  /** Absent: there was no commit. */
  offset?: string | undefined;
}

const deletedMeanwhile: Outcome = { kind: 'stay', reason: 'it was deleted meanwhile' };

/**
 * Also restores a deleted group.
 *
 * @param isUnderWay a move of the backup has begun: topics and partitions deleted since then are skipped
 * @throws AppError not-found for a topic that the cluster does not have, unless the move is under way
 */
export async function planRestore(
  offsets: GroupOffsets,
  { group, positions }: Pick<OffsetBackup, 'group' | 'positions'>,
  io: Io,
  { isUnderWay = false }: { isUnderWay?: boolean } = {},
): Promise<MovePlan[]> {
  const presence = await offsets.presence(group, io);
  return await Array.fromAsync(
    Map.groupBy(positions, (each) => each.topic),
    async ([topic, kept]) => {
      const wanted = kept.map(({ partition, brokerName, committed }) => ({ partition, brokerName, offset: committed }));
      const planned = isUnderWay
        ? await plannedAgain(offsets, { group, topic }, wanted, io)
        : plannedIn(topic, wanted, await readPositions(offsets, group, topic, io));
      const about =
        presence.kind === 'absent' ? [] : presenceFindings(group, presence, { isWhole: false, byMoment: false });
      const findings = [...about, ...positionFindings(topic, planned)];
      return { group, topic, presence, positions: planned, isWhole: false, findings };
    },
  );
}

/** Plans the rest of an interrupted move. */
export async function planAgain(offsets: GroupOffsets, { group, topics }: MoveFacts, io: Io): Promise<MovePlan[]> {
  const presence = await offsets.presence(group, io);
  return await Array.fromAsync(topics, async ({ topic, isWhole, targets }) => {
    const positions = await plannedAgain(offsets, { group, topic }, targets, io);
    return { group, topic, presence, positions, isWhole, findings: [] };
  });
}

/** Plans one topic of a move that has begun; skips partitions deleted since then. */
export async function plannedAgain(
  offsets: GroupOffsets,
  { group, topic }: Pick<MovePlan, 'group' | 'topic'>,
  wanted: readonly WantedPosition[],
  io: Io,
): Promise<PlannedPosition[]> {
  const now = (await offsets.positions(group, topic, io)) ?? [];
  const listed = new Set(now.map(partitionText));
  const missing = wanted.filter((each) => !listed.has(partitionText(each))).map((each) => placeOf(topic, each));
  const deleted = new Set(missing.length === 0 ? [] : (await offsets.deleted(missing, io)).map(partitionText));
  return plannedIn(topic, wanted, now).map(({ position, outcome }) => ({
    position,
    outcome: deleted.has(partitionText(position)) ? deletedMeanwhile : outcome,
  }));
}

/** @returns partitions deleted since the move began */
export const deletedIn = (planned: readonly PlannedPosition[]): string[] =>
  planned.filter(({ outcome }) => outcome === deletedMeanwhile).map(({ position }) => partitionText(position));

function plannedIn(topic: string, wanted: readonly WantedPosition[], positions: readonly GroupPosition[]) {
  const now = new Map(positions.map((each) => [partitionText(each), each]));
  return wanted.map((each) => {
    const position = now.get(partitionText(each)) ?? placeOf(topic, each);
    return { position, outcome: backTo(each.offset, position) };
  });
}

function placeOf(topic: string, { partition, brokerName }: WantedPosition): GroupPosition {
  return { topic, partition, ...(brokerName !== undefined && { brokerName }) };
}

function backTo(before: string | undefined, { start, end, committed }: GroupPosition): Outcome {
  if (before === undefined) {
    // Neither broker can remove a commit with a request that sets one.
    return committed === undefined
      ? { kind: 'stay', reason: 'it had no commit, and still has none' }
      : { kind: 'stay', reason: 'it had no commit, and a commit cannot be removed' };
  }
  if (start === undefined || end === undefined) {
    return { kind: 'unknown', reason: 'no leader reports its first and last offset now' };
  }
  return moveTo(BigInt(before), { start, end, committed });
}
