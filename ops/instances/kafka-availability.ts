// Finds Kafka partitions that reject sends while one of their brokers is stopped.

import type { KafkaDetails } from '../../brokers/kafka/details.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import { partitionKey } from '../kafka/live/broker-load.ts';

const remedy = {
  en: 'Add copies first (plimsoll ops kafka reassign --replication-factor N).',
  zh: '请先增加副本（plimsoll ops kafka reassign --replication-factor N）。',
};

interface Seen extends Pick<ClusterSnapshot, 'topics'> {
  kafka?: Pick<KafkaDetails, 'topicConfigs'>;
}

/** @param stopped ids of brokers that are stopped one after another */
export function findRefusedSends({ topics, kafka }: Seen, stopped: readonly string[]): Finding[] {
  const needed = new Map((kafka?.topicConfigs ?? []).map((each) => [each.topic, each.minInSyncReplicas]));
  const touched = topics
    .flatMap(({ partitions }) => partitions)
    .filter(({ replicas }) => replicas.some((id) => stopped.includes(id)));
  const alone = touched.filter(({ replicas }) => replicas.length === 1);
  const copied = touched.filter(({ replicas }) => replicas.length > 1);
  const narrow = copied.filter(({ topic, replicas }) => replicas.length - 1 < (needed.get(topic) ?? 1));
  const unread = [...new Set(copied.map(({ topic }) => topic).filter((topic) => needed.get(topic) === undefined))];
  return [
    ...findingIf(alone.length > 0, 'warning', 'only-copy', {
      en: `partitions whose only copy is on a stopped broker can neither be written nor read meanwhile (${alone.length}): ${named(alone.map(partitionKey))}. ${remedy.en}`,
      zh: `有 ${alone.length} 个分区的唯一副本在要停止的 Broker 上，停止期间既不能写入也不能读取：${named(alone.map(partitionKey), 5, 'zh')}。${remedy.zh}`,
    }),
    ...findingIf(narrow.length > 0, 'warning', 'sends-refused', {
      en: `while one of their brokers is stopped, partitions with fewer copies left than min.insync.replicas reject sends with acks=all (${narrow.length}): ${named(narrow.map(partitionKey))}. ${remedy.en}`,
      zh: `有 ${narrow.length} 个分区在其中一个 Broker 停止期间副本数少于 min.insync.replicas，会拒绝 acks=all 的写入：${named(narrow.map(partitionKey), 5, 'zh')}。${remedy.zh}`,
    }),
    ...findingIf(unread.length > 0, 'warning', 'min-insync-replicas-unknown', {
      en: `topics whose min.insync.replicas could not be read (${unread.length}); sends with acks=all to them are possibly rejected while one of their brokers is stopped: ${named(unread)}. Grant DescribeConfigs on these topics, or check them with kafka-configs.sh --describe --all.`,
      zh: `有 ${unread.length} 个 Topic 的 min.insync.replicas 未能读取：${named(unread, 5, 'zh')}。在其中一个 Broker 停止期间，可能拒绝 acks=all 的写入。请授予这些 Topic 的 DescribeConfigs 权限，或用 kafka-configs.sh --describe --all 检查。`,
    }),
  ];
}
