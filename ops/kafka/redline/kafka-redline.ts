// Implements a redline for Kafka: one broker takes over the leadership of more partitions.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { rateText } from '../../../core/text/quantity-text.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { JournalRow, LiveLoad, TopicFilter } from '../../redline/live-load.ts';
import type { RedlineDriver } from '../../redline/redline-driver.ts';
import { partitionKey } from '../live/broker-load.ts';
import { OriginalPartition, restoreLayout, takeLeadership } from './lead.ts';
import { readLive } from './live-partitions.ts';
import {
  isMovable,
  ledAfter,
  ledBy,
  movesOfPartition,
  nextRedlineStep,
  type RedlinePartition,
} from './plan-redline.ts';

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
