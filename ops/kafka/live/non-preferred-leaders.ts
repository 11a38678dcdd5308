// Finds partitions not led by their available preferred leader, as after a broker restart.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { figure, findingIf } from '../../change/change-kind.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';
import { namesOf } from './live-findings.ts';

/**
 * @param chosen planned partitions
 * @param plan those of them that change: their preferred leaders are elected anyway
 * @returns the others, with their current replicas
 */
export function nonPreferredLeaders(
  { topics }: Pick<KafkaMetadata, 'topics'>,
  chosen: readonly { topic: string; partition: number }[],
  plan: readonly KafkaPartition[],
): KafkaPartition[] {
  const wanted = new Set(chosen.map(partitionKey));
  const changed = new Set(plan.map(partitionKey));
  return topics
    .flatMap(({ partitions }) => partitions)
    .filter((each) => {
      const [preferred = ''] = each.replicas;
      const isAstray = each.leader !== preferred && each.inSyncReplicas.includes(preferred);
      return isAstray && wanted.has(partitionKey(each)) && !changed.has(partitionKey(each));
    })
    .map(({ topic, partition, replicas }) => ({ topic, partition, replicas: replicas.map(Number) }));
}

/** @param isElected whether executing the plan elects them */
export function nonPreferredLeadersFinding(astray: readonly KafkaPartition[], isElected: boolean): Finding[] {
  return findingIf(astray.length > 0, 'info', 'leaders-astray', {
    en: `Partitions whose replicas do not move and whose preferred leader is in sync but does not lead, ${astray.length}: ${namesOf(astray)}. ${isElected ? 'The preferred leaders are elected; no data is copied' : '--leaders elects the preferred leaders; no data is copied'}.`,
    zh: `有 ${astray.length} 个分区的副本不迁移，其首选 Leader 已同步但未担任 Leader：${namesOf(astray, 'zh')}。${isElected ? '将选举首选 Leader，不复制数据' : '--leaders 会选举首选 Leader，不复制数据'}。`,
    evidence: [figure('partitions', astray.length)],
  });
}
