// Computes the savings of a shorter retention during a move, and which groups would lose messages.

import type { OffsetAt } from '../../../brokers/kafka/changes/offsets-at.ts';
import { isSystemTopic } from '../../../brokers/kafka/system-topic.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { finding, findingIf, oneFinding } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';
import type { LiveCluster } from './read-cluster.ts';

export interface RetentionCut {
  retentionMs: number;
  /** Topics with a longer retention that are not compacted. */
  topics: readonly string[];
  /** Maximum bytes saved: only whole segments are deleted, so that less may be saved. */
  bytes: number;
  /** Seconds saved at the throttle; absent without a throttle. */
  seconds?: number;
  losing: readonly UnreadLoss[];
}

/** A group with unread messages that would be deleted. */
export interface UnreadLoss {
  group: string;
  topic: string;
  messages: bigint;
}

/**
 * @returns copied topics with a longer retention. `tiered` ones are not cut: replicas copy only local segments, and a
 *   cut would delete older ones from the remote storage
 */
export function topicsToCut(
  { kafka }: Pick<ClusterSnapshot, 'kafka'>,
  copied: readonly KafkaPartition[],
  retentionMs: number,
): { topics: string[]; tiered: string[] } {
  const moved = new Set(copied.map(({ topic }) => topic));
  const longer = (kafka?.topicConfigs ?? []).filter(({ topic, cleanupPolicy, retentionMs: now }) => {
    const isLonger = now === undefined || now > BigInt(Math.round(retentionMs));
    return moved.has(topic) && !isSystemTopic(topic) && cleanupPolicy === 'delete' && isLonger;
  });
  const namesOf = (isTiered: boolean) =>
    longer
      .filter((each) => (each.isTiered ?? false) === isTiered)
      .map(({ topic }) => topic)
      .sort();
  return { topics: namesOf(false), tiered: namesOf(true) };
}

/**
 * Assumes that bytes are spread evenly over a partition's offsets.
 *
 * @param young first remaining offset of each partition; a partition without one counts as lost entirely
 */
export function cutOf(
  { snapshot, cluster, plan }: { snapshot: ClusterSnapshot; cluster: LiveCluster; plan: readonly KafkaPartition[] },
  {
    topics,
    retentionMs,
    young,
    throttle,
  }: { topics: readonly string[]; retentionMs: number; young: readonly OffsetAt[]; throttle?: number | undefined },
): RetentionCut {
  const sizes = new Map(cluster.sizes.map((each) => [partitionKey(each), each.bytes]));
  const held = new Map(cluster.assignment.partitions.map((each) => [partitionKey(each), each.replicas]));
  const arriving = (each: KafkaPartition) =>
    each.replicas.filter((broker) => !held.get(partitionKey(each))?.includes(broker)).length;
  const copies = new Map(plan.map((each) => [partitionKey(each), arriving(each)]));
  const cuts = cutsIn(snapshot, topics, young);
  let bytes = 0;
  for (const { start, end, keptFrom, ...place } of cuts) {
    if (start === undefined || end === undefined) continue;
    const key = partitionKey(place);
    const share = end > start ? Number((keptFrom > start ? keptFrom : start) - start) / Number(end - start) : 0;
    bytes += share * (sizes.get(key) ?? 0) * (copies.get(key) ?? 0);
  }
  return {
    retentionMs,
    topics,
    bytes: Math.round(bytes),
    losing: unreadLosses(snapshot, cuts),
    ...(throttle !== undefined && { seconds: bytes / throttle }),
  };
}

/** @returns why unread messages are unknown; undefined if all groups, their commits and the offsets were read */
export function unreadUnknownReason({ sections }: Pick<ClusterSnapshot, 'sections'>): string | undefined {
  const gap = sections.find(
    ({ section, kind, refused = 0 }) =>
      ['groups', 'commits', 'offsets'].includes(section) && (kind !== 'fresh' || refused > 0),
  );
  if (gap === undefined) return undefined;
  const why = gap.reason === undefined ? '' : `: ${gap.reason}`;
  return `${gap.section} of broker ${gap.broker ?? 'all'} could not be read${why}`;
}

/** Readers whose messages may be deleted unread without a finding. */
export const readersNotSeen = {
  en: 'readers that commit no offsets to the cluster (MirrorMaker 2, Spark)',
  zh: '不向集群提交位点的消费者（MirrorMaker 2、Spark）',
};

/** A partition that loses messages. */
export interface CutPartition {
  topic: string;
  partition: number;
  /** First stored offset; absent while it is unknown. */
  start?: bigint | undefined;
  /** First offset that remains. */
  keptFrom: bigint;
}

/** If a group committed only in other partitions of the topic, it may read this one from the start. */
export function unreadLosses({ groups }: Pick<ClusterSnapshot, 'groups'>, cuts: readonly CutPartition[]) {
  const keptFrom = new Map(cuts.map((each) => [partitionKey(each), each.keptFrom]));
  const byTopic = Map.groupBy(cuts, ({ topic }) => topic);
  return groups.flatMap(({ name: group, partitions, withoutEnd }): UnreadLoss[] => {
    const unread = new Map<string, bigint>();
    const add = (topic: string, next: bigint, from: bigint) => {
      if (next < from) unread.set(topic, (unread.get(topic) ?? 0n) + (from - next));
    };
    const [committedIn, seen] = [new Set<string>(), new Set<string>()];
    for (const { topic, partition, start = 0n, committed, oldestUnread: next = committed } of partitions) {
      const key = partitionKey({ topic, partition });
      const from = keptFrom.get(key);
      if (committed !== undefined) committedIn.add(topic);
      if (from === undefined) continue;
      seen.add(key);
      // Assigned and never committed: may be read from the start.
      add(topic, next === undefined || next < start ? start : next, from);
    }
    for (const topic of committedIn) {
      const unknown = new Set(withoutEnd?.get(topic)?.map(({ partition }) => partition));
      for (const each of byTopic.get(topic) ?? []) {
        if (each.start === undefined || seen.has(partitionKey(each)) || unknown.has(each.partition)) continue;
        add(topic, each.start, each.keptFrom);
      }
    }
    return [...unread].map(([topic, messages]) => ({ group, topic, messages }));
  });
}

/** @param young first remaining offset of each partition; one without such an offset loses all its messages */
export function cutsIn(
  { offsets }: Pick<ClusterSnapshot, 'offsets'>,
  topics: readonly string[],
  young: readonly OffsetAt[],
): (CutPartition & { end: bigint | undefined })[] {
  const cut = new Set(topics);
  const firstKept = new Map(young.map((each) => [partitionKey(each), each.offset]));
  return offsets.flatMap(({ topic, partition, start, end }) => {
    const keptFrom = firstKept.get(partitionKey({ topic, partition })) ?? end;
    return cut.has(topic) && keptFrom !== undefined ? [{ topic, partition, start, end, keptFrom }] : [];
  });
}

/** @returns messages that groups would lose at that retention */
export const unreadBefore = (
  snapshot: Pick<ClusterSnapshot, 'groups' | 'offsets'>,
  topics: readonly string[],
  young: readonly OffsetAt[],
): UnreadLoss[] => unreadLosses(snapshot, cutsIn(snapshot, topics, young));

/** @param tiered as in `topicsToCut` */
export function cutFindings(cut: RetentionCut, tiered: readonly string[] = []): Finding[] {
  const left = findingIf(tiered.length > 0, 'info', 'retention-tiered', {
    en: `The retention of topics with remote storage is not changed: ${named(tiered, 3)}. A shorter one deletes their remote messages, which no replica copies.`,
    zh: `使用远程存储的 Topic 不改变保留时间：${named(tiered, 3, 'zh')}。缩短保留时间会删除其远程消息，而副本迁移不复制这些消息。`,
  });
  return cut.topics.length === 0 && tiered.length > 0 ? left : [...findingsOf(cut), ...left];
}

function findingsOf({ retentionMs, topics, bytes, seconds, losing }: RetentionCut): Finding[] {
  const time = timeText(retentionMs);
  const figure = (name: string, value: number, unit = '') => ({ name, value, unit, source: 'ListOffsets' });
  if (topics.length === 0) {
    const text = {
      en: `No topic that is copied keeps messages longer than ${time}.`,
      zh: `要复制的 Topic 中，没有保留时间超过 ${time} 的。`,
    };
    return [finding('info', 'retention-short-already', text)];
  }
  if (losing.length > 0) {
    const unread = losing.map(({ group, topic, messages }) => `${group} (${messages} in ${topic})`);
    const unreadZh = losing.map(({ group, topic, messages }) => `${group}（${topic} 中 ${messages} 条）`);
    return oneFinding('critical', 'retention-unread', {
      en: `A retention of ${time} deletes messages that groups have not read: ${named(unread, 3)}. Let them catch up, or keep the retention.`,
      zh: `保留时间 ${time} 会删除消费组尚未读取的消息：${named(unreadZh, 3, 'zh')}。请等待其消费完毕，或保持原保留时间。`,
      evidence: losing.slice(0, 3).map(({ group, messages }) => figure(group, Number(messages), 'messages')),
    });
  }
  return oneFinding('info', 'retention-cut', {
    en: `A retention of ${time} (topics: ${topics.length}) saves copying up to ${bytes} bytes${seconds === undefined ? '' : `, ${Math.ceil(seconds / 60)} min at the throttle`}. Deleted messages cannot be restored; the retention is restored at the end. Not checked: ${readersNotSeen.en}.`,
    zh: `保留时间设为 ${time}（${topics.length} 个 Topic）最多可少复制 ${bytes} 字节${seconds === undefined ? '' : `，按限流约 ${Math.ceil(seconds / 60)} 分钟`}。已删除的消息无法恢复；结束时恢复原保留时间。未检查：${readersNotSeen.zh}。`,
    evidence: [figure('bytes', bytes, 'bytes'), ...(seconds === undefined ? [] : [figure('time', seconds, 's')])],
  });
}

function timeText(milliseconds: number): string {
  const units = { h: 3_600_000, min: 60_000, s: 1000 };
  const [unit, size] = Object.entries(units).find(([, each]) => milliseconds % each === 0) ?? ['ms', 1];
  return `${milliseconds / size} ${unit}`;
}
