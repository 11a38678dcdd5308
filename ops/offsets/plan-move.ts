// Plans an offset move partition by partition from the current state, without changing anything.

import type { GroupOffsets, GroupPosition, GroupPresence } from '../../brokers/group-offsets.ts';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { findingIf, oneFinding } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
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
  /** Whether all queues of the topic move. */
  isWhole: boolean;
  findings: readonly Finding[];
}

/** @throws AppError not-found for a topic or partition that the cluster does not have */
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
      ...positionFindings(wanted.topic, planned),
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
  const consumed = await offsets.topics(group, io).catch(ignoreFault('the hint is then a general one'));
  // The group's topics may still include the deleted one.
  const others = (consumed ?? []).filter((each) => each !== topic);
  const hiding = offsets.hidesTopics === true ? ' Kafka hides a topic from a user without Describe on it.' : '';
  const general = `\`plimsoll get topics\` lists its topics.${hiding}`;
  throw new AppError('not-found', `the cluster has no topic ${topic}`, { hint: meantHint(topic, others, general) });
}

/** Such as `broker-a:3` for RocketMQ, `3` for Kafka; unique within a topic. */
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

/** Reasons that forbid a move, and notes before one. */
export function presenceFindings(
  group: string,
  presence: GroupPresence,
  { isWhole, byMoment }: { isWhole: boolean; byMoment: boolean },
): Finding[] {
  if (presence.kind === 'absent' && presence.isConfigured) {
    return critical('group-uncommitted', {
      en: `${group} never committed at the brokers: it has not started yet, or broadcasts, and then each of its clients stores its own offsets. If it does not broadcast, start it once first.`,
      zh: `${group} 从未在 Broker 提交位点：尚未启动，或为广播消费（位点保存在各客户端）。若非广播消费，请先启动一次。`,
    });
  }
  if (presence.kind === 'absent') {
    return critical('group-unknown', {
      en: `The cluster has no group ${group}: a new group starts at the offset that its clients are configured for. Check the name.`,
      zh: `集群中没有消费组 ${group}：新消费组从其客户端配置的位点开始。请检查名称。`,
    });
  }
  if (presence.kind === 'unknown') {
    return critical('group-not-seen', {
      en: `It is unknown whether ${group} is stopped: ${presence.reason}. Its offsets are not changed.`,
      zh: `无法确认 ${group} 是否已停止：${presence.reason}。不修改其位点。`,
    });
  }
  if (presence.kind === 'stopped') {
    return oneFinding('info', 'group-stopped', {
      en: `${group} has no members now. Clients that assign partitions themselves do not join the group: brokers do not report them, and their position does not change.`,
      zh: `${group} 目前没有成员。自行指定分区的客户端不加入消费组：Broker 不上报它们，其位点也不会改变。`,
    });
  }
  const { members, moves } = presence;
  const clients = members.map(({ clientId, address }) =>
    address === undefined ? clientId : `${clientId} at ${address}`,
  );
  const online = {
    en: `${group} has ${members.length} ${members.length === 1 ? 'member' : 'members'}: ${named(clients)}`,
    zh: `${group} 有 ${members.length} 个成员：${named(clients, 5, 'zh')}`,
  };
  if (moves === 'not') {
    return critical('group-running', {
      en: `${online.en}. A running group overwrites the new offsets: stop its members first.`,
      zh: `${online.zh}。运行中的消费组会覆盖新位点：请先停止其成员。`,
    });
  }
  if (moves === 'by-time' && !(isWhole && byMoment)) {
    return critical('group-running', {
      en: `${online.en}. Brokers before 5.2 move a running group by time and whole topics only: stop them first, or use --to-time, --earliest or --latest for the whole topic.`,
      zh: `${online.zh}。5.2 之前的 Broker 只能按时间为整个 Topic 重置运行中的消费组：请先停止成员，或对整个 Topic 使用 --to-time、--earliest 或 --latest。`,
    });
  }
  const how =
    moves === 'by-time'
      ? {
          en: 'the broker notifies them, they pause for 10 s, commit and continue there; clients in languages other than Java possibly ignore the notification',
          zh: 'Broker 通知它们，它们暂停 10 秒、提交后从新位点继续；非 Java 客户端可能忽略该通知',
        }
      : { en: 'the broker redirects their next pull', zh: 'Broker 从新位点响应其下一次拉取' };
  return oneFinding('warning', 'group-online', {
    en: `${online.en}; ${how.en}. Messages in progress are delivered.`,
    zh: `${online.zh}；${how.zh}。正在处理的消息照常投递。`,
  });
}

export function positionFindings(topic: string, planned: readonly PlannedPosition[]): Finding[] {
  const unknown = planned.flatMap(({ position, outcome }) =>
    outcome.kind === 'unknown' ? [`${partitionText(position)} (${outcome.reason})`] : [],
  );
  const moves = planned.flatMap(({ position, outcome }) => (outcome.kind === 'move' ? [{ position, outcome }] : []));
  const cut = moves.filter(({ outcome }) => outcome.cutTo !== undefined);
  const lost = moves.reduce((sum, { outcome }) => sum + (outcome.lost ?? 0n), 0n);
  const open = moves.flatMap(({ position, outcome: { target, skipped } }) => {
    const { openFrom = target } = position;
    return openFrom < target && skipped !== 0n ? [`${partitionText(position)} (${openFrom})`] : [];
  });
  const never = moves.filter(({ position }) => position.committed === undefined);
  const neverIn = never.map(({ position }) => partitionText(position));
  const nearest = cut.map(({ position, outcome: { cutTo } }) => ({
    en: `${partitionText(position)} (${cutTo === 'start' ? 'gone already' : 'not written yet'})`,
    zh: `${partitionText(position)}（${cutTo === 'start' ? '已删除' : '尚未写入'}）`,
  }));
  return [
    ...findingIf(unknown.length > 0, 'critical', 'position-unknown', {
      en: `Unknown for ${unknown.join(', ')} of ${topic}. Name the others with --topic TOPIC:PARTITIONS, or wait.`,
      zh: `${topic} 以下分区的位点未知：${unknown.join('、')}。请用 --topic TOPIC:PARTITIONS 指定其他分区，或稍后再试。`,
    }),
    ...findingIf(cut.length > 0, 'warning', 'target-cut', {
      en: `The requested position is not stored in ${named(nearest, Infinity)} of ${topic}: the nearest stored offset is used.`,
      zh: `${topic} 以下分区没有所要求的位点：${named(nearest, Infinity, 'zh')}。将使用最近的现有位点。`,
    }),
    ...findingIf(lost > 0n, 'warning', 'lost-already', {
      en: `Unread messages of ${topic} already deleted by retention: ${lost}. No offset makes them readable again.`,
      zh: `${topic} 有 ${lost} 条未消费消息已超过保留时间而被删除，任何位点都无法再读取。`,
    }),
    ...findingIf(open.length > 0, 'warning', 'transaction-open', {
      en: `Transactions have not ended in ${named(open)} of ${topic}, from these offsets on. A group with isolation.level=read_committed skips their messages, even if they are committed later: wait until they end.`,
      zh: `${topic} 以下分区从所列位点起有未结束的事务：${named(open, 5, 'zh')}。isolation.level=read_committed 的消费组会跳过其消息，即使之后提交：请等待事务结束。`,
    }),
    ...findingIf(never.length > 0, 'warning', 'never-committed', {
      en: `The group never committed in ${neverIn.join(', ')} of ${topic}, so skipped and repeated messages are unknown, and a commit cannot be removed.`,
      zh: `该消费组从未在 ${topic} 的 ${neverIn.join('、')} 提交，因此跳过和重复的消息数未知，且提交无法撤销。`,
    }),
  ];
}

const critical = (code: string, text: Parameters<typeof oneFinding>[2]) => oneFinding('critical', code, text);
