// Deletes the first records of a Kafka topic up to an offset or a time.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { figure, finding, findingIf, oneFinding, type PlannedChange } from '../../change/change-kind.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { readersNotSeen, unreadLosses, unreadUnknownReason, type UnreadLoss } from '../live/retention-cut.ts';
import { knownTopic } from './plan-delete-topic.ts';
import { stateFindings } from './state-findings.ts';
import { storedIn } from './stored-messages.ts';
import { done, refused } from '../../change/step.ts';
import { readersAdvice } from '../../change/still-written.ts';

const OffsetText = z.string().regex(/^\d{1,19}$/);

export const DeleteRecordsFacts = z.strictObject({
  topic: z.string(),
  id: z.string().optional().describe('absent where the cluster has no topic ids (before Kafka 2.8)'),
  partitions: z.array(
    z.strictObject({
      partition: z.number(),
      first: OffsetText.describe('first stored offset when the change was planned'),
      before: OffsetText.describe('first offset that stays'),
    }),
  ),
});
export type DeleteRecordsFacts = z.infer<typeof DeleteRecordsFacts>;

export interface DeleteRecordsSpec {
  topic: string;
  /** Absent: all. */
  partition?: number;
  /**
   * First remaining offset; for a time, the first message stored since; `end` deletes all messages stored now, or when
   * `ends` were read.
   */
  before:
    | { kind: 'offset'; offset: bigint }
    | { kind: 'time'; atMs: number }
    | { kind: 'end'; ends?: ReadonlyMap<number, bigint> };
  acceptReaders: boolean;
}

/** @param snapshot of the whole cluster: groups with their commits. @throws AppError not-found, usage; errors of a broker */
export async function planDeleteRecords(
  { admin }: KafkaTools,
  { topic, partition, before, acceptReaders }: DeleteRecordsSpec,
  snapshot: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  io: Io,
): Promise<PlannedChange<DeleteRecordsFacts>> {
  const { known, stored } = await knownTopic(admin, topic, io);
  const chosen = known.partitions.filter((each) => partition === undefined || each.partition === partition);
  if (chosen.length === 0) throw new AppError('not-found', `topic ${topic} has no partition ${partition}`);
  const policy = (await admin.allSettings({ kind: 'topic', name: topic }, io)).get('cleanup.policy')?.value;
  const byTime =
    before.kind === 'time'
      ? new Map((await admin.offsetsAt(chosen, before.atMs, io)).map((each) => [each.partition, each.offset]))
      : undefined;
  // A partition without a response must not count as one with only older messages.
  const unread = chosen
    .map((each) => each.partition)
    .filter((number) => stored.unread.includes(number) || byTime?.has(number) === false);
  const parts = chosen.flatMap(({ partition: number }) => {
    const [first, end] = [stored.starts.get(number), stored.ends.get(number)];
    if (first === undefined || end === undefined || unread.includes(number)) return [];
    // Nothing was stored since that time, so all messages are older.
    const wanted =
      before.kind === 'offset'
        ? before.offset
        : before.kind === 'end'
          ? endThen(before.ends, number, end)
          : (byTime?.get(number) ?? end);
    const kept = wanted > end ? end : wanted;
    return kept > first ? [{ partition: number, first: String(first), before: String(kept) }] : [];
  });
  const messages = parts.reduce((sum, each) => sum + BigInt(each.before) - BigInt(each.first), 0n);
  const findings: Finding[] = [
    ...findingIf(parts.length === 0 && unread.length === 0, 'info', 'nothing-to-do', {
      en: `${topic} stores nothing before that`,
      zh: `${topic} 在此之前没有消息`,
    }),
    ...findingIf(parts.length > 0, 'info', 'what-is-lost', {
      en: `messages lost, at most: ${countText(Number(messages))}; not checked: ${readersNotSeen.en}`,
      zh: `最多丢失 ${countText(Number(messages))} 条消息；未检查：${readersNotSeen.zh}`,
    }),
    ...(parts.length > 0 ? stateFindings(topic, policy, acceptReaders) : []),
    ...findingIf(policy?.includes('delete') === false, 'critical', 'not-deletable', {
      en: `${topic} is compacted: cleanup.policy does not include delete`,
      zh: `${topic} 为压缩 Topic：cleanup.policy 不含 delete`,
    }),
    ...findingIf(unread.length > 0, 'critical', 'offsets-unread', {
      en: `no leader answers for these partitions of ${topic}: ${unread.join(', ')}`,
      zh: `${topic} 的以下分区没有 Leader 响应：${unread.join('、')}`,
    }),
  ];
  const facts = { topic, ...(known.id !== undefined && { id: known.id }), partitions: parts };
  const unreadNow = parts.length === 0 ? [] : unreadRecords(facts, stored.starts, snapshot, acceptReaders);
  return { facts, findings: [...findings, ...unreadNow] };
}

/** @param starts current first stored offsets */
export function unreadRecords(
  { topic, partitions }: DeleteRecordsFacts,
  starts: ReadonlyMap<number, bigint>,
  snapshot: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  acceptReaders: boolean,
): Finding[] {
  const cuts = partitions.map(({ partition, before }) => ({
    topic,
    partition,
    start: starts.get(partition),
    keptFrom: BigInt(before),
  }));
  return unreadFindings(unreadLosses(snapshot, cuts), unreadUnknownReason(snapshot), acceptReaders);
}

/** A partition that was empty then has nothing to delete. */
const endThen = (ends: ReadonlyMap<number, bigint> | undefined, partition: number, end: bigint): bigint =>
  ends === undefined ? end : (ends.get(partition) ?? 0n);

/** @param unknown why other groups may exist */
export function unreadFindings(
  losses: readonly UnreadLoss[],
  unknown: string | undefined,
  acceptReaders: boolean,
): Finding[] {
  const severity = acceptReaders ? 'warning' : 'critical';
  const advice = readersAdvice(acceptReaders);
  return [
    ...losses.map(({ group, messages }) =>
      finding(severity, 'unread-by-group', {
        en: `group ${group} has not read ${countText(Number(messages))} of them${advice.en}`,
        zh: `消费组 ${group} 尚未读取其中 ${countText(Number(messages))} 条${advice.zh}`,
        evidence: [figure(group, Number(messages), 'messages', 'OffsetFetch')],
      }),
    ),
    ...(unknown === undefined
      ? []
      : oneFinding(severity, 'readers-unknown', {
          en: `other groups may not have read them: ${unknown}${advice.en}`,
          zh: `可能还有其他消费组尚未读取：${unknown}${advice.zh}`,
        })),
  ];
}

export const deleteRecords: KafkaChangeKind<DeleteRecordsFacts> = {
  name: 'delete-records',
  facts: DeleteRecordsFacts,

  steps: ({ topic, id, partitions }, { admin }) =>
    partitions.length === 0
      ? []
      : [
          {
            id: 'delete-records',
            description: `delete the records of ${topic} before ${partitions.map(({ partition, before }) => `${partition}:${before}`).join(', ')}`,
            zh: `删除 ${topic} 中以下位点之前的消息：${partitions.map(({ partition, before }) => `${partition}:${before}`).join('、')}`,
            async run(io) {
              const stored = await storedIn(admin, topic, io);
              const idNow = stored?.topic.id;
              if (id !== undefined && idNow !== undefined && id !== idNow) {
                throw refused(`topic ${topic} was created again since the plan: nothing is deleted`);
              }
              for (const { partition, before } of partitions) {
                // A re-created topic has other messages at these offsets.
                if ((stored?.ends.get(partition) ?? 0n) < BigInt(before)) {
                  throw refused(
                    `partition ${partition} of ${topic} ends before ${before}: it was created again since the plan`,
                  );
                }
              }
              const kept = partitions.map(({ partition, before }) => ({ partition, offset: BigInt(before) }));
              await admin.deleteRecords(topic, kept, io);
              return done(
                partitions.map(({ partition, before }) => ({
                  en: `partition ${partition} starts at ${before}`,
                  zh: `分区 ${partition} 的起始位点为 ${before}`,
                })),
              );
            },
            undo: { none: 'deleted records cannot be restored', zh: '已删除的消息无法恢复' },
          },
        ],
};
