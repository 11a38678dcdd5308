// Implements a redline for Kafka: one broker takes over the leadership of more partitions.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { rateText } from '../../../core/text/quantity-text.ts';
import { named } from '../../../core/text/bilingual.ts';
import {
  type JournalRow,
  type LiveLoad,
  type TopicFilter,
  messagesBetween,
  type LiveReading,
} from '../../redline/live-load.ts';
import type { RedlineDriver } from '../../redline/redline-driver.ts';
import { partitionKey } from '../live/broker-load.ts';
import { OriginalPartition, restoreLayout, takeLeadership } from './lead.ts';
import {
  isMovable,
  ledAfter,
  ledBy,
  movesOfPartition,
  nextRedlineStep,
  type RedlinePartition,
} from './plan-redline.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { messagesPerSecond } from '../../../core/units.ts';

/**
 * As a follower, the broker already receives and stores the messages of a partition, so leading adds none of that.
 * Outgoing traffic is proportional to leading. Other resources are partly used by following and idle work: until three
 * steps show how much, half of the use counts as leading. If all of it were leading, a step of 5% would end 2.5% above
 * its prediction, which is kept 2% below a limit.
 */
const growth: Readonly<Record<string, number>> = { 'network-in': 0, 'disk-io': 0, 'disk-space': 0, 'network-out': 1 };
const shareOfLeading = 0.5;

/** @param changes closed with the driver */
export function kafkaRedline(
  changes: KafkaChanges,
  { name, broker, clock }: { name: string; broker: string; clock: Clock },
): RedlineDriver {
  const id = Number(broker);

  return {
    broker: { id: broker, name: broker },
    averagedSteps: 3,
    async verify(io) {
      const { brokers } = await changes.describe(io);
      if (brokers.some((each) => each.id === broker)) return;
      const known = brokers.map((each) => each.id).join(', ');
      throw new AppError('usage', `cluster ${name} has no broker ${broker}; brokers: ${known}`);
    },
    growthOf: (resource) => growth[resource] ?? shareOfLeading,
    read: (only, io) => readLive(changes, { only, clock, loadOf }, io),
    partitionName: partitionKey,
    candidates: async (load) => ({ load, left: [] }),
    problems,
    restore: (tools, { original }) =>
      restoreLayout({ ...tools, changes }, id, OriginalPartition.array().parse(original)),
    [Symbol.asyncDispose]: () => changes[Symbol.asyncDispose](),
  };

  function loadOf(
    partitions: readonly RedlinePartition[],
    brokers: readonly string[],
    mayMove: (partition: RedlinePartition) => boolean = () => true,
  ): LiveLoad {
    const movable = partitions.filter((each) => isMovable(each, id) && mayMove(each));
    return {
      clusterTps: partitions.reduce((sum, each) => sum + each.messagesPerSecond, 0),
      ledTps: Object.fromEntries(brokers.map((each) => [each, ledBy(partitions, Number(each))] as const)),
      busyTopics: [...new Set(partitions.filter((each) => each.messagesPerSecond > 0).map(({ topic }) => topic))],
      originals: movable.flatMap(({ topic, partition, replicas, leader }): OriginalPartition[] =>
        leader === undefined ? [] : [{ topic, partition, replicas: [...replicas], leader }],
      ),
      among(originals) {
        const known = new Set(originals.map(keyOf));
        return loadOf(partitions, brokers, (each) => known.has(partitionKey(each)));
      },
      next(ask) {
        const next = nextRedlineStep({ broker: id, partitions, mayMove, ...ask });
        if (next.kind === 'end') return next;
        const { moves, ledTps } = next.step;
        const names = moves.map(partitionKey);
        return {
          kind: 'step',
          step: {
            names,
            moves: movesOfPartition * moves.length,
            ledTps,
            text: `the leader of ${named(names, 3)} moves, ${rateText(ledTps)} are expected`,
            take: (tools) => takeLeadership({ ...tools, changes }, id, moves),
            after: () => loadOf(ledAfter(partitions, next.step, id), brokers, mayMove),
          },
        };
      },
    };
  }

  async function problems(only: TopicFilter, io: Io): Promise<string[]> {
    const found: string[] = [];
    const metadata = await changes.describe(io);
    if (metadata.brokers.length < 2)
      found.push(`cluster ${name} has one broker, which already leads all partitions, so nothing can be moved to it`);
    const moving = await changes.moving(io);
    if (moving.length > 0) found.push(`partitions of the cluster moving now: ${moving.length}`);
    const partitions = metadata.topics.filter((topic) => only(topic.name)).flatMap((topic) => topic.partitions);
    const behind = partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length);
    const [first] = behind;
    if (first !== undefined)
      found.push(`under-replicated partitions: ${behind.length}, such as ${partitionKey(first)}`);
    return found;
  }
}

const keyOf = (row: JournalRow) => partitionKey(OriginalPartition.parse(row));

/** Used in place of a time: ListOffsets then returns the offset of the next message. */
const latest = -1;

interface LiveParts {
  /** Topics to include; internal ones are always excluded. */
  only: TopicFilter;
  clock: Clock;
  loadOf(partitions: readonly RedlinePartition[], brokers: readonly string[]): LiveLoad;
}

/** @throws AppError of the cluster */
export async function readLive(
  changes: Pick<KafkaChanges, 'describe' | 'offsetsAt'>,
  { only, clock, loadOf }: LiveParts,
  io: Io,
): Promise<LiveReading> {
  const metadata = await changes.describe(io);
  const topics = metadata.topics.filter(({ name }) => !name.startsWith('__') && only(name));
  const partitions = topics.flatMap((topic) => topic.partitions);
  const led = partitions.filter(({ leader }) => leader !== undefined);
  const offsets = await changes.offsetsAt(led, latest, io);
  const brokers = metadata.brokers.map(({ id }) => id);
  const reading = {
    atSeconds: clock.monotonic(),
    ends: new Map(
      offsets.flatMap((each) => (each.offset === undefined ? [] : [[partitionKey(each), each.offset] as const])),
    ),
  };
  return {
    ...reading,
    brokers,
    topics: topics.map(({ name }) => name),
    takers: new Map(
      partitions.flatMap((each) => (each.leader === undefined ? [] : [[partitionKey(each), each.leader]])),
    ),
    layout: new Map(
      partitions.map((each) => {
        const leader = each.leader === undefined ? 'has no leader' : `is led by broker ${each.leader}`;
        return [partitionKey(each), `${leader} (replicas ${each.replicas.join()})`];
      }),
    ),
    loadSince: (before) => loadOf(partitionsBetween(before, reading, partitions), brokers),
  };
}

/** @param partitions with the leaders of the later reading. @returns the partitions with their rates between both readings */
export function partitionsBetween(
  before: Pick<LiveReading, 'atSeconds' | 'ends'>,
  after: Pick<LiveReading, 'atSeconds' | 'ends'>,
  partitions: KafkaMetadata['topics'][number]['partitions'],
): RedlinePartition[] {
  const duration = after.atSeconds - before.atSeconds;
  const messages = messagesBetween(before, after);
  return partitions.map(({ topic, partition, replicas, inSyncReplicas, leader }) => ({
    topic,
    partition,
    replicas: replicas.map(Number),
    inSync: inSyncReplicas.map(Number),
    ...(leader !== undefined && { leader: Number(leader) }),
    messagesPerSecond: messagesPerSecond(
      duration > 0 ? (messages.get(partitionKey({ topic, partition })) ?? 0) / duration : 0,
    ),
  }));
}
