// Plans the restore of a group from its backup, or the rest of a move that was stopped, one plan per topic, without changing anything.

import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition } from '../../brokers/group-offsets.ts';
import { moveTo, type Outcome } from './reset-target.ts';
import type { OffsetBackup } from './backup.ts';
import type { MoveFacts } from './move-facts.ts';
import { partitionText, positionFindings, presenceFindings, readPositions, type MovePlan } from './plan-move.ts';

/** A group that is gone may come back this way. @throws AppError not-found for a topic the cluster does not have */
export async function planRestore(
  offsets: GroupOffsets,
  { group, positions }: Pick<OffsetBackup, 'group' | 'positions'>,
  io: Io,
): Promise<MovePlan[]> {
  const presence = await offsets.presence(group, io);
  const plans: MovePlan[] = [];
  for (const [topic, kept] of Map.groupBy(positions, (each) => each.topic)) {
    const now = new Map((await readPositions(offsets, group, topic, io)).map((each) => [partitionText(each), each]));
    const planned = kept.map((before) => {
      const position = now.get(partitionText(before)) ?? placeOf(before);
      return { position, outcome: backTo(before.committed, position) };
    });
    const about =
      presence.kind === 'absent' ? [] : presenceFindings(group, presence, { isWhole: false, byMoment: false });
    const findings = [...about, ...positionFindings(planned)];
    plans.push({ group, topic, presence, positions: planned, isWhole: false, findings });
  }
  return plans;
}

/** What is left of a move that was stopped. @throws AppError not-found for a topic the cluster does not have */
export async function planAgain(offsets: GroupOffsets, { group, topics }: MoveFacts, io: Io): Promise<MovePlan[]> {
  const presence = await offsets.presence(group, io);
  const plans: MovePlan[] = [];
  for (const { topic, isWhole, targets } of topics) {
    const now = new Map((await readPositions(offsets, group, topic, io)).map((each) => [partitionText(each), each]));
    const positions = targets.map((target) => {
      const position = now.get(partitionText(target)) ?? placeOf({ topic, ...target });
      return { position, outcome: backTo(target.offset, position) };
    });
    plans.push({ group, topic, presence, positions, isWhole, findings: [] });
  }
  return plans;
}

function placeOf({
  topic,
  partition,
  brokerName,
}: Pick<OffsetBackup['positions'][number], 'topic' | 'partition' | 'brokerName'>): GroupPosition {
  return { topic, partition, ...(brokerName !== undefined && { brokerName }) };
}

function backTo(before: string | undefined, { start, end, committed }: GroupPosition): Outcome {
  if (before === undefined) {
    // Neither broker takes a commit away with a request that sets one.
    return committed === undefined
      ? { kind: 'stay', reason: 'it had no commit, and still has none' }
      : { kind: 'stay', reason: 'it had no commit, and a commit cannot be removed' };
  }
  if (start === undefined || end === undefined) {
    return { kind: 'unknown', reason: 'no leader reports its first and last offset now' };
  }
  return moveTo(BigInt(before), { start, end, committed });
}
