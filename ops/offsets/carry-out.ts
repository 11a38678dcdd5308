// Moves a group: checks again, commits, and reports the resulting offsets.

import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition, Moment, OffsetTarget } from '../../brokers/group-offsets.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { partitionText, presenceFindings, readPositions, type MovePlan } from './plan-move.ts';
import { defined } from '../../core/defined.ts';

/** Target offsets of a group in one topic. */
export interface TopicMove {
  group: string;
  topic: string;
  targets: readonly OffsetTarget[];
  /** Whether all partitions of the topic move. */
  isWhole: boolean;
  /** Whether the group was unknown to the cluster when the move was planned. */
  isNewGroup: boolean;
}

/** @returns targets of the positions that move */
export function targetsOf({ positions }: Pick<MovePlan, 'positions'>): OffsetTarget[] {
  return positions.flatMap(({ position: { topic, partition, brokerName }, outcome }) =>
    outcome.kind === 'move' ? [defined({ topic, partition, brokerName, offset: outcome.target })] : [],
  );
}

/**
 * @returns positions of the group in every partition of the topic afterwards
 * @throws AppError change-refused before anything is moved; offsets-not-moved if a position is not at its target
 */
export async function carryOut(
  offsets: GroupOffsets,
  move: TopicMove,
  moment: Moment | undefined,
  { clock, signal, tell }: { clock: Clock; signal: AbortSignal; tell(line: string): void },
): Promise<ReadonlyMap<string, GroupPosition>> {
  const { group, topic, targets } = move;
  const now = await refuseUnlessFree(offsets, move, moment, { signal });
  let fault: unknown;
  try {
    const { settlesSeconds } = await offsets.move(group, topic, targets, moment, { signal });
    if (settlesSeconds > 0) {
      tell(`the members of ${group} were notified; checking again in ${settlesSeconds} s`);
      await clock.sleep(seconds(settlesSeconds), { signal });
    }
  } catch (cause) {
    // A refusal applies to the whole move: nothing was moved. After other errors, some positions may have moved and are reported.
    if (cause instanceof AppError && cause.code === 'change-refused') throw cause;
    signal.throwIfAborted();
    fault = cause;
  }
  const stand = await readPositions(offsets, group, topic, { signal });
  const after = new Map(stand.map((each) => [partitionText(each), each]));
  // A running group may have committed further offsets since.
  const isReading = now === 'running' && fault === undefined;
  const missed = isReading
    ? []
    : targets.filter((target) => after.get(partitionText(target))?.committed !== target.offset);
  if (missed.length === 0 && fault === undefined) return after;
  const stands = missed.map((target) => {
    const { committed } = after.get(partitionText(target)) ?? {};
    return `${partitionText(target)} at ${committed ?? 'no commit'} instead of ${target.offset}`;
  });
  const why = fault instanceof Error ? `: ${fault.message}` : '';
  throw new AppError(
    'offsets-not-moved',
    `${targets.length - missed.length} of ${targets.length} offsets in ${topic} were moved${why}${stands.length > 0 ? `; offsets of ${group} that differ: ${stands.join(', ')}` : ''}`,
    { cause: fault },
  );
}

async function refuseUnlessFree(
  offsets: GroupOffsets,
  { group, isWhole, isNewGroup }: TopicMove,
  moment: Moment | undefined,
  io: Io,
): Promise<'running' | 'stopped'> {
  const presence = await offsets.presence(group, io);
  if (presence.kind === 'absent' && isNewGroup) return 'stopped';
  const bad = presenceFindings(group, presence, { isWhole, byMoment: moment !== undefined }).find(
    ({ severity }) => severity === 'critical',
  );
  if (bad !== undefined) throw new AppError('change-refused', `nothing was moved: ${bad.message}`);
  return presence.kind === 'running' ? 'running' : 'stopped';
}
