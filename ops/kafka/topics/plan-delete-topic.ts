// Plans the deletion of a Kafka topic: lost messages, active producers and reading groups.

import type { Io } from '../../../brokers/driver.ts';
import { isOwnTopic } from '../../../brokers/kafka/system-topic.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { bytesText, countText } from '../../../core/text/quantity-text.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { membersAdvice, writeFinding, type TopicDeletion } from '../../change/still-written.ts';
import type { KafkaTools } from '../administration.ts';
import { groupsOf } from '../partitions/partition-findings.ts';
import type { DeleteTopicFacts } from './delete-topic.ts';
import { stateFindings } from './state-findings.ts';
import { storedIn, type StoredTopic } from './stored-messages.ts';

/** @param snapshot of the whole cluster: groups with their commits. @throws AppError not-found, usage; errors of a broker */
export async function planDeleteTopic(
  { admin, clock }: KafkaTools,
  { topic, watch, acceptWrites, acceptReaders, shown }: TopicDeletion<DeleteTopicFacts>,
  snapshot: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  io: Io,
): Promise<PlannedChange<DeleteTopicFacts>> {
  if (isOwnTopic(topic)) throw new AppError('usage', `${topic} is an internal topic of Kafka: it is not deleted`);
  const { known, stored: first } = await knownTopic(admin, topic, io);
  await clock.sleep(watch, io);
  const stored = (await storedIn(admin, topic, io)) ?? first;
  const settings = await admin.allSettings({ kind: 'topic', name: topic }, io);
  const own = [...settings].flatMap(([key, { value, isOwn }]) => (isOwn && value !== undefined ? [[key, value]] : []));
  const id = shown === undefined ? known.id : shown.id;
  const facts = {
    topic,
    ...(id !== undefined && { id }),
    partitions: known.partitions.length,
    replicationFactor: known.partitions[0]?.replicas.length ?? 1,
    settings: Object.fromEntries(own) as Record<string, string>,
    ends:
      shown?.ends ??
      Object.fromEntries(Array.from(stored.ends, ([partition, end]) => [String(partition), String(end)])),
    acceptWrites,
  };
  const findings = [
    ...(await lossFindings({ admin }, topic, stored, io)),
    writeFinding(topic, cameSince(first, stored), { watch, acceptWrites }),
    ...stateFindings(topic, settings.get('cleanup.policy')?.value, acceptReaders, { mayRetire: true }),
    ...readerFindings(topic, stored, snapshot, acceptReaders),
  ];
  return { facts, findings };
}

/** @throws AppError not-found; errors of a broker */
export async function knownTopic(admin: KafkaTools['admin'], topic: string, io: Io) {
  const { topics } = await admin.describe(io);
  const known = topics.find(({ name }) => name === topic);
  const stored = known && (await storedIn(admin, topic, io));
  if (known !== undefined && stored !== undefined) return { known, stored };
  throw noSuchTopic(topic, topics);
}

export function noSuchTopic(topic: string, topics: readonly { name: string }[]): AppError {
  const names = topics.map(({ name }) => name);
  return new AppError('not-found', `the cluster has no topic ${topic}`, {
    hint: meantHint(topic, names, '`plimsoll get topics` lists the topics'),
  });
}

async function lossFindings(
  { admin }: Pick<KafkaTools, 'admin'>,
  topic: string,
  { messages, unread }: StoredTopic,
  io: Io,
): Promise<Finding[]> {
  const bytes = await bytesOf(admin, topic, io);
  const known =
    typeof bytes === 'number'
      ? { en: `${bytesText(bytes)} on disk over all copies`, zh: `所有副本共占磁盘 ${bytesText(bytes)}` }
      : { en: `unknown bytes (${bytes.reason})`, zh: `占用磁盘未知（${bytes.reason}）` };
  return [
    finding('info', 'what-is-lost', {
      en: `messages lost, at most: ${countText(Number(messages))}; ${known.en}`,
      zh: `最多丢失 ${countText(Number(messages))} 条消息；${known.zh}`,
    }),
    ...findingIf(unread.length > 0, 'critical', 'offsets-unread', {
      en: `no leader answers for these partitions of ${topic}, so their messages and writes are unknown: ${unread.join(', ')}`,
      zh: `${topic} 的以下分区没有 Leader 响应，其消息数和写入情况未知：${unread.join('、')}`,
    }),
  ];
}

async function bytesOf(admin: KafkaTools['admin'], topic: string, io: Io): Promise<number | { reason: string }> {
  try {
    return (await admin.sizes(io))
      .flatMap(({ replicas }) => replicas)
      .filter((replica) => replica.topic === topic)
      .reduce((sum, replica) => sum + replica.bytes, 0);
  } catch (cause) {
    io.signal.throwIfAborted();
    if (!(cause instanceof AppError) || !(isUnreachable(cause) || cause.code === 'broker-refused')) throw cause;
    return { reason: cause.message };
  }
}

function cameSince(first: StoredTopic, then: StoredTopic): bigint {
  const came = [...then.ends].reduce((sum, [partition, end]) => sum + end - (first.ends.get(partition) ?? end), 0n);
  return came < 0n ? 0n : came;
}

function readerFindings(
  topic: string,
  { starts, ends }: StoredTopic,
  { groups, sections }: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  acceptReaders: boolean,
): Finding[] {
  const severity = acceptReaders ? 'warning' : 'critical';
  const advice = membersAdvice(acceptReaders);
  const unread = sections.filter(
    ({ section, kind, refused = 0 }) =>
      ['groups', 'commits', 'offsets'].includes(section) && (kind === 'missing' || refused > 0),
  );
  const offsets = Array.from(ends, ([partition, end]) =>
    defined({ topic, partition, start: starts.get(partition), end }),
  );
  return [
    ...groupsOf(groups, topic, offsets).map(({ group, members, behind, state }) => {
      const lag =
        behind === undefined
          ? { en: 'never committed', zh: '从未提交' }
          : { en: `${countText(behind)} messages unread`, zh: `${countText(behind)} 条未消费` };
      return members === 0
        ? finding('warning', 'group-stopped', {
            en: `group ${group} has offsets in ${topic} and no members (${lag.en})`,
            zh: `消费组 ${group} 在 ${topic} 有位点，但没有成员（${lag.zh}）`,
          })
        : finding(severity, 'group-reads', {
            en: `group ${group} reads ${topic} (${state ?? 'state unknown'}, ${lag.en})${advice.en}`,
            zh: `消费组 ${group} 正在读取 ${topic}（${state ?? '状态未知'}，${lag.zh}）${advice.zh}`,
            evidence: [{ name: group, value: members ?? 'unknown', unit: 'members', source: 'DescribeGroups' }],
          });
    }),
    ...unread.map(({ section, broker, reason = 'unknown' }) => {
      const what = `${section}${broker === undefined ? '' : ` at broker ${broker}`}: ${reason}`;
      return finding(severity, 'readers-unknown', {
        en: `not all groups could be read (${what}), so readers of ${topic} may be missing`,
        zh: `部分消费组未能读取（${what}），可能遗漏 ${topic} 的读者`,
      });
    }),
  ];
}
