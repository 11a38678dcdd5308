// Finds messages that a shorter retention or another cleanup policy of a Kafka topic deletes, and groups that have not read them.

import type { Io } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { bytesText, countText } from '../../../core/text/quantity-text.ts';
import { finding, findingIf } from '../../change/change-kind.ts';
import type { KafkaTools } from '../administration.ts';
import { cutsIn, readersNotSeen, unreadLosses, unreadUnknownReason } from '../live/retention-cut.ts';
import { unreadFindings } from '../topics/delete-records.ts';
import { stateFindings } from '../topics/state-findings.ts';
import type { SettingsFacts } from './alter-settings.ts';
import { brokerDefaults, isRetentionKey, lengthOf, policyOf, type Values } from './broker-defaults.ts';
import { readersAdvice } from '../../change/still-written.ts';

export type GroupsOfCluster = Pick<ClusterSnapshot, 'groups' | 'offsets' | 'sections'>;

/** @param readGroups called only if messages are deleted because of their age. @throws AppError of a broker */
export async function retentionFindings(
  { admin, clock }: KafkaTools,
  {
    facts: { of, changes },
    now,
    acceptReaders,
    readGroups,
  }: { facts: SettingsFacts; now: Values; acceptReaders: boolean; readGroups: () => Promise<GroupsOfCluster> },
  io: Io,
): Promise<Finding[]> {
  const changed = new Map(changes.filter(({ key }) => isRetentionKey(key)).map(({ key, after }) => [key, after]));
  if (of.kind !== 'topic' || changed.size === 0) return [];
  const severity = acceptReaders ? 'warning' : 'critical';
  const advice = readersAdvice(acceptReaders);
  const isReset = changed.values().some((after) => after === null);
  const ofBrokers = isReset ? await brokerDefaults({ admin }, io) : undefined;
  if (isReset && ofBrokers === undefined) {
    return [
      finding(severity, 'default-unknown', {
        en: `the brokers' default is unknown (needs DescribeConfigs on the cluster), so what is deleted was not checked${advice.en}`,
        zh: `Broker 默认值未知（需要集群的 DescribeConfigs 权限），因此未检查会删除哪些消息${advice.zh}`,
      }),
      ...stateFindings(of.name, policyOf(now), acceptReaders),
    ];
  }
  const then: Values = (key) => {
    const after = changed.get(key);
    return after === undefined ? now(key) : (after ?? ofBrokers?.(key));
  };
  const age = limitOf('retention.ms', then);
  const size = limitOf('retention.bytes', then);
  const isSmaller = size < limitOf('retention.bytes', now);
  const isShorter = age < limitOf('retention.ms', now);
  const [policyNow, policyThen] = [policyOf(now), policyOf(then)];
  const gains = (word: string) => policyThen.includes(word) && !policyNow.includes(word);
  const losesKeys = policyNow.includes('compact') && gains('delete') && Math.min(age, size) < Infinity;
  const findings = [
    // Such topics only need compaction.
    ...(isShorter || isSmaller || ![policyNow, 'compact'].includes(policyThen)
      ? stateFindings(of.name, policyNow, acceptReaders)
      : []),
    ...findingIf(gains('compact'), severity, 'compaction-added', {
      en: `compaction deletes messages of ${of.name} without a key and all but the last of each key, read or not; producers without keys are refused${advice.en}`,
      zh: `压缩会删除 ${of.name} 中没有 Key 的消息，每个 Key 只保留最后一条，无论是否已读；不带 Key 的生产者会被拒绝${advice.zh}`,
    }),
    ...findingIf(losesKeys, severity, 'keys-lost', {
      en: `retention deletes the last value of each key of ${of.name}, too, which compaction has kept${advice.en}`,
      zh: `${of.name} 中由压缩保留的每个 Key 的最后一个值也会按保留策略删除${advice.zh}`,
    }),
    ...findingIf(isSmaller, severity, 'what-is-lost', {
      en: `in each partition of ${of.name} larger than about ${bytesText(size)} the oldest messages are deleted, read or not${advice.en}`,
      zh: `${of.name} 中大于约 ${bytesText(size)} 的分区会删除最旧的消息，无论是否已读${advice.zh}`,
    }),
  ];
  if (!isShorter) return findings;
  const { topics } = await admin.describe(io);
  const partitions = topics.find(({ name }) => name === of.name)?.partitions ?? [];
  // ListOffsets treats a negative time as a code, or refuses it.
  const young = await admin.offsetsAt(partitions, Math.max(0, clock.now().getTime() - age), io);
  const snapshot = await readGroups();
  const cuts = cutsIn(snapshot, [of.name], young);
  const messages = cuts.reduce(
    (sum, { keptFrom, start = keptFrom }) => (keptFrom > start ? sum + keptFrom - start : sum),
    0n,
  );
  return [
    ...findings,
    finding('info', 'what-is-lost', {
      en: `messages lost, at most: ${countText(messages)}; not checked: ${readersNotSeen.en}`,
      zh: `最多丢失 ${countText(messages)} 条消息；未检查：${readersNotSeen.zh}`,
    }),
    ...unreadFindings(unreadLosses(snapshot, cuts), unreadUnknownReason(snapshot), acceptReaders),
  ];
}

/** A topic with only compaction has no limit. */
function limitOf(key: string, values: Values): number {
  return values('cleanup.policy')?.includes('delete') === false ? Infinity : lengthOf(values(key));
}
