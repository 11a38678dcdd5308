// Plans more partitions for a topic and creates them; for fewer, lists the steps of a change to a new topic.

import { openKafkaChanges, type KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { cordonedBrokers } from '../../../brokers/kafka/reading/log-dirs.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Topic } from '../../../core/cluster.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { cutOverSteps, morePartitions } from '../../../ops/kafka/partitions/partition-steps.ts';
import {
  keyedMessages,
  measureMoves,
  stayingShare,
  type MeasuredMoves,
} from '../../../ops/kafka/partitions/key-moves.ts';
import { planPartitions, type LeaderLoad } from '../../../ops/kafka/partitions/new-partitions.ts';
import { partitionNotice } from '../../../ops/kafka/partitions/notice.ts';
import {
  groupsOf,
  isCompactedTopic,
  partitionFindings,
  streamsAmong,
  type ReadingGroup,
} from '../../../ops/kafka/partitions/partition-findings.ts';
import { noticeText, type NoticeLanguage } from '../../../ops/change/notice.ts';
import type { Caller, CommonRequest } from '../../caller.ts';
import { clusterOfKind } from '../../observe/named-cluster.ts';
import { noSuch } from '../../observe/no-such.ts';
import { runChange } from '../run-change.ts';

type PartitionsRequest = CommonRequest &
  Readonly<{
    topic: string;
    to: number;
    /** Number of newest messages whose keys are read. */
    sample: number;
    'new-topic'?: string | undefined;
    'accept-key-moves': boolean;
    notice?: NoticeLanguage | undefined;
    window?: string | undefined;
  }>;
type PartitionsCaller = Caller<PartitionsRequest>;

interface WantedPartitions {
  topic: string;
  from: number;
  to: number;
}

export interface PlannedPartitions extends WantedPartitions {
  /** Computed share of keys that move to another partition. */
  keysMoved: number;
  measured: MeasuredMoves;
  groups: readonly ReadingGroup[];
  /** Replicas of each new partition, the preferred leader first. */
  assignments: readonly (readonly number[])[];
  leaders: readonly LeaderLoad[];
  findings: readonly Finding[];
  notice?: string;
  executed?: { partitions: number; seconds: number };
}

export interface FewerPartitions extends WantedPartitions {
  /** Why the change is refused. */
  refused: string;
  /** Steps of a change to a new topic. */
  cutOver: readonly string[];
}

interface ReadTopic extends WantedPartitions {
  snapshot: ClusterSnapshot;
  metadata: Awaited<ReturnType<KafkaChanges['describe']>>;
  found: Topic;
  groups: readonly ReadingGroup[];
}

/** The topic had as many already. `executed`: its process was stopped, and this one awaited the leaders and ended the journal. */
export type FinishedPartitions = Pick<PlannedPartitions, 'topic' | 'to' | 'executed'>;

/**
 * @param beforeChange shows the plan before it is executed, after the cluster is verified
 * @throws AppError usage, not-found; as `app/change/run-change.ts`
 */
export async function addPartitions(
  io: PartitionsCaller,
  beforeChange: (plan: PlannedPartitions) => void,
): Promise<PlannedPartitions | FewerPartitions | FinishedPartitions> {
  const named = await clusterOfKind(io, 'kafka');
  await using changes = openKafkaChanges(named.name, named.config, { clock: io.clock });
  const read = await readTopic(io, named, changes);
  const { topic, from, to } = read;
  if (to < from) {
    const refused = `Kafka cannot remove partitions: ${topic} keeps its ${from}. For ${to} partitions, create a new topic.`;
    return { topic, from, to, refused, cutOver: await cutOver(io, changes, read) };
  }
  const made: { plan?: PlannedPartitions } = {};
  let executed = { partitions: to, seconds: 0 };
  const { status, findings, steps } = await runChange(io, named, {
    kind: morePartitions,
    subject: `topic ${topic}`,
    folder: 'changes',
    isOnce: true,
    tools: { changes, clock: io.clock, created: (seconds) => void (executed = { partitions: to, seconds }) },
    resumes: async (facts) => facts.to === to && from === to,
    async plan(_, shown) {
      const now = shown === undefined ? read : await readTopic(io, named, changes);
      if (now.from >= to) return { facts: { topic, from: now.from, to, assignments: [] }, findings: [] };
      const planned = await planOf(io, changes, now, made.plan?.measured);
      // The shown placement is created, although another one may be more even by now.
      made.plan ??= planned;
      const { assignments } = shown?.from === now.from ? shown : planned;
      // The controller validates the request before the operator decides.
      await changes.createPartitions({ topic, count: to, assignments }, { validateOnly: true }, io);
      return { facts: { topic, from: now.from, to, assignments }, findings: planned.findings };
    },
    approval: (facts, steps) => ({ ...steps, exact: facts }),
    show: (found) => made.plan && beforeChange({ ...made.plan, findings: found }),
    summary: () => `Topic ${topic} gets ${to - from} more partitions, which cannot be removed.`,
  });
  if (made.plan === undefined) return { topic, to, ...(steps.length > 0 && { executed }) };
  return { ...made.plan, findings, ...(status === 'done' && { executed }) };
}

async function readTopic(
  io: PartitionsCaller,
  { name, config }: { name: string; config: KafkaClusterConfig },
  changes: KafkaChanges,
): Promise<ReadTopic> {
  const { topic, to } = io.options;
  await using inspector = await kafkaDriver.inspect(name, config, io, { allCommits: true });
  const snapshot = await inspector.snapshot(io);
  const metadata = await changes.describe(io);
  const found = metadata.topics.find((each) => each.name === topic);
  if (found === undefined) throw noSuch('topic', topic, { name, kind: config.broker }, metadata.topics);
  const from = found.partitions.length;
  return { topic, from, to, snapshot, metadata, found, groups: groupsOf(snapshot.groups, topic, snapshot.offsets) };
}

async function planOf(
  io: PartitionsCaller,
  changes: KafkaChanges,
  { topic, from, to, snapshot, metadata, found, groups }: ReadTopic,
  sampled: MeasuredMoves | undefined,
): Promise<PlannedPartitions> {
  const { notice: language, sample, window, 'accept-key-moves': acceptKeyMoves } = io.options;
  const sampleNow = () => changes.sampleKeys(newest(snapshot, found, sample), Math.ceil(sample / from), io);
  const measured = sampled ?? measureMoves(await sampleNow(), from, to);
  const cordoned = cordonedBrokers(snapshot.kafka?.logDirectories ?? []);
  const { assignments, load: leaders, findings: ofBrokers } = planPartitions(metadata, found, to, cordoned);
  const moved = 1 - stayingShare(from, to);
  const isCompacted = await isCompactedTopic(changes, topic, io);
  const readers = groups.map(({ group }) => group);
  const streams = streamsAmong(readers, snapshot);
  const ofKeys = partitionFindings(
    { topic, from, to, moved },
    { measured, groups, streams, isCompacted, acceptKeyMoves },
  );
  const isKeyed = keyedMessages(measured) !== 0;
  const announced = { topic, from, to, groups: readers, ...(isKeyed && { moved }) };
  const notice = language && noticeText(partitionNotice(announced), { window }, language);
  return {
    topic,
    from,
    to,
    keysMoved: moved,
    measured,
    groups,
    assignments,
    leaders,
    findings: [...ofBrokers, ...ofKeys],
    ...(notice !== undefined && { notice }),
  };
}

function newest({ offsets }: ClusterSnapshot, { name, partitions }: Topic, sample: number) {
  const each = BigInt(Math.ceil(sample / partitions.length));
  return offsets.flatMap(({ topic, partition, start, end }) => {
    if (topic !== name || start === undefined || end === undefined) return [];
    return [{ topic, partition, from: end - each > start ? end - each : start, end }];
  });
}

const copiedSettings = [
  'retention.ms',
  'retention.bytes',
  'cleanup.policy',
  'min.insync.replicas',
  'max.message.bytes',
  'compression.type',
  'message.timestamp.type',
];

async function cutOver(io: PartitionsCaller, changes: KafkaChanges, { topic, to, found, groups }: ReadTopic) {
  const settings = await changes.settingsOf({ kind: 'topic', name: topic }, copiedSettings, io);
  const own = [...settings].flatMap(([key, { value, isOwn }]) =>
    isOwn && value !== undefined ? [[key, value] as const] : [],
  );
  return cutOverSteps({
    topic,
    to,
    newTopic: io.options['new-topic'] ?? `${topic}-v2`,
    replicationFactor: found.partitions[0]?.replicas.length ?? 1,
    settings: Object.fromEntries(own),
    groups,
  });
}
