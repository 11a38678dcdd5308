// Moves a group: checks once more, commits, and reports what the cluster shows afterwards.

import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition, Moment, OffsetTarget } from '../../brokers/group-offsets.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { partitionText, presenceFindings, readPositions, type MovePlan } from './plan-move.ts';

/** One topic of a group, and where the group goes in it. */
export interface TopicMove {
  group: string;
  topic: string;
  targets: readonly OffsetTarget[];
  /** All partitions of the topic are moved. */
  isWhole: boolean;
  /** The cluster did not know the group when the move was planned. */
  isNewGroup: boolean;
}

/** @returns targets of what is to be moved, which is less where a partition stays */
export function targetsOf({ positions }: Pick<MovePlan, 'positions'>): OffsetTarget[] {
  return positions.flatMap(({ position: { topic, partition, brokerName }, outcome }) =>
    outcome.kind === 'move'
      ? [{ topic, partition, ...(brokerName !== undefined && { brokerName }), offset: outcome.target }]
      : [],
  );
}

/**
 * @returns where the group stands in every partition of the topic afterwards
 * @throws AppError change-refused before anything is moved; offsets-not-moved where some of it is not where it was put
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
    // Refused as a whole: nothing was moved. Otherwise some may have been, and they are reported.
    if (cause instanceof AppError && cause.code === 'change-refused') throw cause;
    signal.throwIfAborted();
    fault = cause;
  }
  const stand = await readPositions(offsets, group, topic, { signal });
  const after = new Map(stand.map((each) => [partitionText(each), each]));
  // Who reads is elsewhere by now.
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
