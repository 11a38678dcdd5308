// Plans the deletion of a Kafka topic: what is lost, who still writes and which groups read it.

import type { Io } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { bytesText, countText } from '../../../core/text/quantity-text.ts';
import type { Seconds } from '../../../core/units.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import type { KafkaTools } from '../administration.ts';
import { groupsOf } from '../partitions/partition-findings.ts';
import type { DeleteTopicFacts } from './delete-topic.ts';
import { storedIn, type StoredTopic } from './stored-messages.ts';

export interface DeleteSpec {
  topic: string;
  /** How long end offsets are watched for writes. */
  watch: Seconds;
  acceptWrites: boolean;
  acceptReaders: boolean;
  /** Facts of the plan that was shown before: what was written since then is not part of it. */
  shown?: DeleteTopicFacts | undefined;
}

/** Topics of Kafka itself: without them groups, transactions and share groups lose their state. */
const ownTopics = /^__(consumer_offsets|transaction_state|share_group_state|cluster_metadata)$/;

/** @param snapshot of the whole cluster: groups with their commits. @throws AppError not-found, usage; as a broker answers */
export async function planDeleteTopic(
  { admin, clock }: KafkaTools,
  { topic, watch, acceptWrites, acceptReaders, shown }: DeleteSpec,
  snapshot: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  io: Io,
): Promise<PlannedChange<DeleteTopicFacts>> {
  if (ownTopics.test(topic)) throw new AppError('usage', `${topic} is an internal topic of Kafka: it is not deleted`);
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
    ...writeFindings(topic, first, stored, { watch, acceptWrites }),
    ...readerFindings(topic, snapshot, acceptReaders),
  ];
  return { subject: topic, facts, findings, holds: [] };
}

/** @throws AppError not-found; as a broker answers */
export async function knownTopic(admin: KafkaTools['admin'], topic: string, io: Io) {
  const { topics } = await admin.describe(io);
  const known = topics.find(({ name }) => name === topic);
  const stored = known && (await storedIn(admin, topic, io));
  if (known !== undefined && stored !== undefined) return { known, stored };
  throw noSuchTopic(
    topic,
    topics.map(({ name }) => name),
  );
}

export function noSuchTopic(topic: string, topics: readonly string[]): AppError {
  const meant = nearest(topic, topics);
  return new AppError('not-found', `the cluster has no topic ${topic}`, {
    hint: meant === undefined ? '`plimsoll get topics` lists the topics' : `did you mean ${meant}?`,
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
    typeof bytes === 'number' ? `${bytesText(bytes)} on disk over all copies` : `unknown bytes (${bytes.reason})`;
  return [
    finding('info', 'what-is-lost', `messages lost, at most: ${countText(Number(messages))}; ${known}`),
    ...findingIf(
      unread.length > 0,
      'critical',
      'offsets-unread',
      `no leader answers for these partitions of ${topic}, so their messages and writes are unknown: ${unread.join(', ')}`,
    ),
  ];
}

async function bytesOf(admin: KafkaTools['admin'], topic: string, io: Io): Promise<number | { reason: string }> {
  try {
    const sizes = await admin.sizes(io);
    return sizes
      .flatMap(({ replicas }) => replicas)
      .filter((replica) => replica.topic === topic)
      .reduce((sum, replica) => sum + replica.bytes, 0);
  } catch (cause) {
    io.signal.throwIfAborted();
    if (!(cause instanceof AppError) || !(isUnreachable(cause) || cause.code === 'broker-refused')) throw cause;
    return { reason: cause.message };
  }
}

function writeFindings(
  topic: string,
  first: StoredTopic,
  then: StoredTopic,
  { watch, acceptWrites }: Pick<DeleteSpec, 'watch' | 'acceptWrites'>,
): Finding[] {
  const came = [...then.ends].reduce((sum, [partition, end]) => sum + end - (first.ends.get(partition) ?? end), 0n);
  if (came <= 0n) return [finding('info', 'no-writes', `no message was written to ${topic} in ${watch} s`)];
  const message = `producers write to ${topic} (messages in ${watch} s: ${countText(Number(came))})`;
  return [
    acceptWrites
      ? finding('warning', 'still-written', message)
      : finding('critical', 'still-written', `${message}; stop them, or give --accept-writes`),
  ];
}

function readerFindings(
  topic: string,
  { groups, sections }: Pick<ClusterSnapshot, 'groups' | 'sections'>,
  acceptReaders: boolean,
): Finding[] {
  const severity = acceptReaders ? 'warning' : 'critical';
  const advice = acceptReaders ? '' : '; stop its members, or give --accept-readers';
  const unread = sections.filter(
    ({ section, kind, refused = 0 }) =>
      ['groups', 'commits', 'offsets'].includes(section) && (kind === 'missing' || refused > 0),
  );
  return [
    ...groupsOf(groups, topic).map(({ group, members, behind, state }) => {
      const lag = behind === undefined ? 'never committed' : `${countText(behind)} messages unread`;
      return members === 0
        ? finding('warning', 'group-stopped', `group ${group} has offsets in ${topic} and no members (${lag})`)
        : finding(
            severity,
            'group-reads',
            `group ${group} reads ${topic} (${state ?? 'state unknown'}, ${lag})${advice}`,
          );
    }),
    ...unread.map(({ section, broker, reason = 'unknown' }) =>
      finding(
        severity,
        'readers-unknown',
        `not all groups could be read (${section}${broker === undefined ? '' : ` at broker ${broker}`}: ${reason}), so readers of ${topic} may be missing`,
      ),
    ),
  ];
}
