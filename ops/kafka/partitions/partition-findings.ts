// Lists the risks of adding partitions: broken order, skipped messages, and that it cannot be undone.

import type { Io } from '../../../brokers/driver.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { hasFixedPartitions } from '../../../brokers/kafka/system-topic.ts';
import type { GroupSnapshot } from '../../../brokers/snapshot.ts';
import type { PartitionOffsets } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { keyedMessages, type MeasuredMoves } from './key-moves.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { figure, finding, findingIf } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';

export interface ReadingGroup {
  group: string;
  state?: string;
  members?: number;
  /** Number of unread messages, all of a partition without a commit; absent if the group never committed. */
  behind?: number;
}

/** @returns groups that have committed in the topic, or are assigned to it. @param offsets of the topic, and of others */
export function groupsOf(
  groups: readonly GroupSnapshot[],
  topic: string,
  offsets: readonly PartitionOffsets[],
): ReadingGroup[] {
  const stored = offsets.filter((each) => each.topic === topic);
  return groups.flatMap(({ name, state, members, partitions, withoutEnd }): ReadingGroup[] => {
    const own = [...partitions].filter((each) => each.topic === topic);
    if (own.length === 0) return [];
    const known = own.filter(({ committed }) => committed !== undefined);
    const lags = known.map(({ end, committed }) => Math.max(0, Number(end - (committed as bigint))));
    const read = new Set([...known, ...(withoutEnd?.get(topic) ?? [])].map(({ partition }) => partition));
    const uncommitted = stored
      .filter(({ partition }) => !read.has(partition))
      .map(({ start, end }) => (start === undefined || end === undefined ? 0 : Number(end - start)));
    const behind = [...lags, ...uncommitted].reduce((sum, each) => sum + each, 0);
    return [{ group: name, ...defined({ state, members }), ...(known.length > 0 && { behind }) }];
  });
}

/** Internal topics of Kafka Streams: APPLICATION-NAME-changelog. The group has the name of the application. */
const ofStreams = /-(changelog|repartition)$/;

/** @returns readers that are Kafka Streams applications, judging by topic names. If two could own a topic, the longer name does. */
export function streamsAmong(
  readers: readonly string[],
  { groups, topics }: { groups: readonly Pick<GroupSnapshot, 'name' | 'kind'>[]; topics: readonly { name: string }[] },
): string[] {
  const usual = groups.filter(({ kind = 'classic' }) => kind === 'classic' || kind === 'streams');
  const known = new Set(usual.map(({ name }) => name));
  const applications = new Set<string>();
  for (const { name } of topics) {
    if (!ofStreams.test(name)) continue;
    const own = name.replace(ofStreams, '');
    for (let at = own.lastIndexOf('-'); at > 0; at = own.lastIndexOf('-', at - 1)) {
      const application = own.slice(0, at);
      if (!known.has(application)) continue;
      applications.add(application);
      break;
    }
  }
  return readers.filter((group) => applications.has(group));
}

/** @throws AppError of the broker: an unknown policy would look like a topic that is not compacted */
export async function isCompactedTopic(changes: Pick<KafkaChanges, 'settingsOf'>, topic: string, io: Io) {
  const settings = await changes.settingsOf({ kind: 'topic', name: topic }, ['cleanup.policy'], io);
  return settings.get('cleanup.policy')?.value?.includes('compact') === true;
}

/** Below this share of expected messages, producers use another partitioner than the one assumed for the computed share. */
const ownPartitioner = 0.9;

interface SeenTopic {
  measured?: MeasuredMoves | undefined;
  groups: readonly ReadingGroup[];
  /** Readers that are Kafka Streams applications. */
  streams?: readonly string[];
  isCompacted: boolean;
  acceptKeyMoves?: boolean;
}

export function partitionFindings(
  { topic, from, to, moved }: { topic: string; from: number; to: number; moved: number },
  { measured, groups, streams = [], isCompacted, acceptKeyMoves = false }: SeenTopic,
): Finding[] {
  const findings: Finding[] = [];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));
  const keyed = measured === undefined ? undefined : keyedMessages(measured);

  if (keyed === undefined || keyed > 0) {
    say('warning', 'keys-move', {
      en: `With Kafka's own partitioner ${percentText(moved)} of all keys go to another partition when ${topic} has ${to} instead of ${from}.`,
      zh: `${topic} 由 ${from} 个分区增至 ${to} 个后，按 Kafka 默认分区器，${percentText(moved)} 的 Key 会进入另一分区。`,
      evidence: [figure('keys that move', moved, '', 'arithmetic')],
    });
  }
  if (measured?.unreadIn !== undefined) {
    const [en, zh] = (['en', 'zh'] as const).map((language) =>
      named(measured.unreadIn?.map(String) ?? [], 5, language),
    );
    say('warning', 'keys-unread', {
      en: `Keys of messages with the format of Kafka before 0.11 (v0, v1) are not read, so which of them move is unknown (partitions: ${en}). They were stored then, or while message.format.version was lower.`,
      zh: `消息格式为 Kafka 0.11 之前版本（v0、v1）的 Key 无法读取，因此不清楚其中哪些会换分区（分区：${zh}）。这些消息在升级前写入，或写入时 message.format.version 较低。`,
    });
  }
  if (measured !== undefined && keyed !== undefined && keyed > 0) {
    say('info', 'keys-measured', {
      en: `Of the newest ${measured.messages} messages ${keyed} have a key, ${measured.keys} different ones: ${measured.movedKeys} keys (${percentText(measured.movedKeys / measured.keys)}) with ${percentText(measured.movedMessages / keyed)} of these messages would move.`,
      zh: `最新的 ${measured.messages} 条消息中有 ${keyed} 条带 Key，共 ${measured.keys} 个不同的 Key：其中 ${measured.movedKeys} 个（${percentText(measured.movedKeys / measured.keys)}）会换分区，占这些消息的 ${percentText(measured.movedMessages / keyed)}。`,
      evidence: [figure('keys', measured.keys, '', 'Fetch')],
    });
    if (measured.asExpected < ownPartitioner * keyed) {
      say('warning', 'other-partitioner', {
        en: `Only ${percentText(measured.asExpected / keyed)} of messages with a key are in the partition that Kafka's default partitioner would choose: producers use another partitioner, so which keys move depends on them.`,
        zh: `带 Key 的消息中只有 ${percentText(measured.asExpected / keyed)} 位于 Kafka 默认分区器会选择的分区：生产者使用其他分区器，哪些 Key 会换分区取决于该分区器。`,
        evidence: [figure('as expected', measured.asExpected / keyed, '', 'Fetch')],
      });
    }
  }
  if (keyed === 0)
    say('info', 'no-keys', {
      en: `None of the newest ${measured?.messages ?? 0} messages has a key, so no order by key changes.`,
      zh: `最新的 ${measured?.messages ?? 0} 条消息都不带 Key，因此不影响同一 Key 的顺序。`,
    });
  if (keyed !== 0) {
    for (const { group, behind, state } of groups) {
      const unread =
        behind === undefined
          ? { en: 'never committed', zh: '从未提交' }
          : { en: `${behind} messages unread`, zh: `${behind} 条未消费` };
      say('warning', 'order-breaks', {
        en: `Group ${group} (${state ?? 'state unknown'}, ${unread.en}) may read new messages of a key before old ones, because the messages of this key are then in two partitions. If order matters, stop sending, wait until the lag is 0, then add the partitions.`,
        zh: `消费组 ${group}（${state ?? '状态未知'}，${unread.zh}）可能先读到某个 Key 的新消息，再读到旧消息，因为该 Key 的消息会分布在两个分区。如果顺序重要，请先停止发送，待堆积为 0 后再增加分区。`,
        evidence: behind === undefined ? [] : [figure('unread', behind, 'messages', 'OffsetFetch')],
      });
    }
  }
  findings.push(
    ...findingIf(groups.length > 0, 'warning', 'late-discovery', {
      en: 'Consumers find new partitions with their next metadata refresh (metadata.max.age.ms, 5 min). With auto.offset.reset=latest they skip what was sent there before: set earliest, or shorten metadata.max.age.ms, first.',
      zh: '消费者在下次刷新元数据时（metadata.max.age.ms，5 分钟）才发现新分区。若 auto.offset.reset=latest，会跳过此前发往新分区的消息：请先设为 earliest，或缩短 metadata.max.age.ms。',
    }),
    ...findingIf(hasFixedPartitions(topic, isCompacted), 'critical', 'internal-topic', {
      en: `${topic} is an internal topic: Kafka or its tools do not find their state with another number of partitions.`,
      zh: `${topic} 为内部 Topic：改变分区数后，Kafka 或其工具将找不到自己的状态。`,
    }),
    ...findingIf(streams.length > 0, acceptKeyMoves ? 'warning' : 'critical', 'streams-stop', {
      en: `By the names of topics, these groups that read ${topic} are Kafka Streams applications: ${named(streams)}. They stop with an error at their next rebalance, because their internal topics keep the old number of partitions. If the topics NAME-…-changelog and NAME-…-repartition are theirs, stop them and run kafka-streams-application-reset.sh, which deletes these topics${acceptKeyMoves ? '' : '; otherwise give --accept-key-moves'}.`,
      zh: `按 Topic 名称判断，读取 ${topic} 的以下消费组为 Kafka Streams 应用：${named(streams, 5, 'zh')}。其内部 Topic 仍为原分区数，因此会在下次重平衡时报错停止。若 NAME-…-changelog 和 NAME-…-repartition 确为其内部 Topic，请先停止应用并运行 kafka-streams-application-reset.sh（会删除这些 Topic）${acceptKeyMoves ? '' : '；否则请加 --accept-key-moves'}。`,
    }),
    ...findingIf(isCompacted, acceptKeyMoves ? 'warning' : 'critical', 'compacted', {
      en: `${topic} is compacted: the last value of a key that moves stays in its old partition permanently, in addition to the new one. State built from the topic will be wrong${acceptKeyMoves ? '' : '; give --accept-key-moves to add the partitions nevertheless'}.`,
      zh: `${topic} 为压缩 Topic：换分区的 Key 除新分区外，其最后的值会永久留在旧分区。由该 Topic 重建的状态会出错${acceptKeyMoves ? '' : '；仍要增加分区请加 --accept-key-moves'}。`,
    }),
    finding('info', 'no-way-back', {
      en: 'Kafka cannot remove partitions: to roll back, create another topic.',
      zh: 'Kafka 不能减少分区：如需回滚，只能另建 Topic。',
    }),
  );
  return findings;
}
