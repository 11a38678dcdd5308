// Plans an offset move partition by partition from the current state, without changing anything.

import type { GroupOffsets, GroupPosition, GroupPresence } from '../../brokers/group-offsets.ts';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { finding, findingIf, named } from '../change/change-kind.ts';
import { outcomeOf, type ResetTarget, type Outcome } from './reset-target.ts';
import type { WantedTopic } from './wanted-topic.ts';

export interface PlannedPosition {
  position: GroupPosition;
  outcome: Outcome;
}

export interface MovePlan {
  group: string;
  topic: string;
  presence: GroupPresence;
  positions: readonly PlannedPosition[];
  /** All queues of the topic are meant. */
  isWhole: boolean;
  findings: readonly Finding[];
}

/** @throws AppError not-found for a topic or partition the cluster does not have */
export async function planMove(
  offsets: GroupOffsets,
  { group, wanted, aim }: { group: string; wanted: WantedTopic; aim: ResetTarget },
  io: Io,
): Promise<MovePlan> {
  const presence = await offsets.presence(group, io);
  const all = await readPositions(offsets, group, wanted.topic, io);
  const positions = chosen(all, wanted);
  const found = aim.kind === 'time' ? await foundAt(offsets, positions, aim.atMs, io) : undefined;
  const planned = positions.map((position) => ({
    position,
    outcome: outcomeOf(aim, position, found?.get(partitionText(position))),
  }));
  const isWhole = positions.length === all.length;
  return {
    group,
    topic: wanted.topic,
    presence,
    positions: planned,
    isWhole,
    findings: [
      ...presenceFindings(group, presence, { isWhole, byMoment: ['time', 'earliest', 'latest'].includes(aim.kind) }),
      ...positionFindings(planned),
    ],
  };
}

export async function readPositions(
  offsets: GroupOffsets,
  group: string,
  topic: string,
  io: Io,
): Promise<readonly GroupPosition[]> {
  const positions = await offsets.positions(group, topic, io);
  if (positions !== undefined) return positions;
  throw new AppError('not-found', `the cluster has no topic ${topic}`, {
    hint: '`plimsoll get topics` lists its topics. Kafka hides a topic from a user without Describe on it.',
  });
}

/** `broker-a:3` of RocketMQ, `3` of Kafka; one of a topic. */
export const partitionText = ({ partition, brokerName }: { partition: number; brokerName?: string | undefined }) =>
  brokerName === undefined ? String(partition) : `${brokerName}:${partition}`;

function chosen(all: readonly GroupPosition[], { topic, partitions }: WantedTopic): readonly GroupPosition[] {
  if (partitions === undefined) return all;
  const missing = partitions.filter((wanted) => !all.some(({ partition }) => partition === wanted));
  if (missing.length === 0) return all.filter(({ partition }) => partitions.includes(partition));
  throw new AppError(
    'not-found',
    `${topic} has no partition ${missing.join(', ')}: it has ${all.map(partitionText).join(', ')}`,
  );
}

async function foundAt(offsets: GroupOffsets, positions: readonly GroupPosition[], atMs: number, io: Io) {
  const answers = await offsets.offsetsAt(positions, atMs, io);
  return new Map(answers.map((answer) => [partitionText(answer), answer.offset ?? ('none' as const)]));
}

/** What forbids a move, and what to know before one. */
export function presenceFindings(
  group: string,
  presence: GroupPresence,
  { isWhole, byMoment }: { isWhole: boolean; byMoment: boolean },
): Finding[] {
  if (presence.kind === 'absent') {
    return [
      critical(
        'group-unknown',
        `The cluster has no group ${group}: a new group starts at the offset that its clients are configured for. Check the name.`,
      ),
    ];
  }
  if (presence.kind === 'unknown') {
    return [
      critical(
        'group-not-seen',
        `It is unknown whether ${group} is stopped: ${presence.reason}. Its offsets are not changed.`,
      ),
    ];
  }
  if (presence.kind === 'stopped') {
    return [
      finding(
        'info',
        'group-stopped',
        `${group} has no members now. Clients that assign partitions themselves do not join the group: brokers do not report them, and their position does not change.`,
      ),
    ];
  }
  const { members, moves } = presence;
  const who = `${members.length} ${members.length === 1 ? 'member' : 'members'}`;
  const listed = named(
    members.map(({ clientId, address }) => (address === undefined ? clientId : `${clientId} at ${address}`)),
  );
  if (moves === 'not') {
    return [
      critical(
        'group-running',
        `${group} has ${who}: ${listed}. A running group overwrites the new offsets: stop its members first.`,
      ),
    ];
  }
  if (moves === 'by-time' && !(isWhole && byMoment)) {
    return [
      critical(
        'group-running',
        `${group} has ${who}: ${listed}. Brokers before 5.2 move a running group by time and whole topics only: stop them first, or use --to-time, --earliest or --latest for the whole topic.`,
      ),
    ];
  }
  const how =
    moves === 'by-time'
      ? 'the broker notifies them, they pause for 10 s, commit and continue there; clients in languages other than Java possibly ignore the notification'
      : 'the broker redirects their next pull';
  return [
    finding('warning', 'group-online', `${group} has ${who}: ${listed}; ${how}. Messages in progress are delivered.`),
  ];
}

export function positionFindings(planned: readonly PlannedPosition[]): Finding[] {
  const unknown = planned.flatMap(({ position, outcome }) =>
    outcome.kind === 'unknown' ? [`${partitionText(position)} (${outcome.reason})`] : [],
  );
  const moves = planned.flatMap(({ position, outcome }) => (outcome.kind === 'move' ? [{ position, outcome }] : []));
  const cut = moves.filter(({ outcome }) => outcome.cutTo !== undefined);
  const lost = moves.reduce((sum, { outcome }) => sum + (outcome.lost ?? 0n), 0n);
  const never = moves.filter(({ position }) => position.committed === undefined);
  return [
    ...findingIf(
      unknown.length > 0,
      'critical',
      'position-unknown',
      `Unknown for ${unknown.join(', ')}. Name the others with --topic TOPIC:PARTITIONS, or wait.`,
    ),
    ...findingIf(
      cut.length > 0,
      'warning',
      'target-cut',
      `The requested position is not stored in ${cut.map(({ position, outcome }) => `${partitionText(position)} (${outcome.cutTo === 'start' ? 'gone already' : 'not written yet'})`).join(', ')}: the nearest stored offset is used.`,
    ),
    ...findingIf(
      lost > 0n,
      'warning',
      'lost-already',
      `Unread messages already deleted by retention: ${lost}. No offset makes them readable again.`,
    ),
    ...findingIf(
      never.length > 0,
      'warning',
      'never-committed',
      `The group never committed in ${never.map(({ position }) => partitionText(position)).join(', ')}, so skipped and repeated messages are unknown, and a commit cannot be removed.`,
    ),
  ];
}

const critical = (code: string, message: string): Finding => finding('critical', code, message);
