// Reads the queues of every topic of a live RocketMQ cluster, and the message rate of each topic per broker.

import { masterId } from '../../../core/broker-kind/rocketmq.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { holdsMessages, topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import type { Clock } from '../../../core/clock.ts';
import { messagesBetween, type LiveLoad, type LiveReading, type TopicFilter } from '../../redline/live-load.ts';
import { mastersIn, queuesOfTopics } from '../broker-group.ts';
import { ownNames, readListings } from '../listings.ts';
import { mayWrite } from '../close-writes.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

export interface QueueReading {
  masters: readonly { brokerName: string; address: string; topics: readonly TopicDefinition[] }[];
  /** Messages per second by topic and broker name. */
  rates: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const takesMessages = ({ permission, writeQueues }: TopicDefinition) => mayWrite(permission) && writeQueues > 0;

export const queueName = (topic: string, brokerName: string, queueId: number) => `${topic} ${brokerName} ${queueId}`;

interface LiveParts {
  /** Topics to include; internal topics of RocketMQ are always excluded. */
  only: TopicFilter;
  clock: Clock;
  loadOf(reading: QueueReading): LiveLoad;
}

/** @throws AppError broker-unreachable without a name server; errors of the brokers */
export async function readQueues(
  desk: Pick<ChangeDesk, 'cluster' | 'namesrv' | 'listings' | 'topics' | 'ends'>,
  { only, clock, loadOf }: LiveParts,
  io: Io,
): Promise<LiveReading> {
  const listings = await readListings(desk, io);
  const names = ownNames(listings);
  const counts = (topic: string) =>
    topicKindOf(topic, names) === 'normal' && holdsMessages(topic, names) && only(topic);
  const masters = await Promise.all(
    mastersIn(listings).map(async ({ brokerName, address }) => {
      const topics = (await desk.topics(address, io)).filter(({ name }) => counts(name));
      const queues = queuesOfTopics(topics);
      return { brokerName, address, topics, queues, ends: await desk.ends(address, queues, io) };
    }),
  );
  const all = masters.flatMap(({ brokerName, queues, ends }) =>
    queues.map(({ topic, queueId }, index) => ({
      topic,
      brokerName,
      name: queueName(topic, brokerName, queueId),
      end: ends[index] ?? 0n,
    })),
  );
  const ends = new Map(all.map(({ name, end }) => [name, end] as const));
  const atSeconds = clock.monotonic();
  return {
    atSeconds,
    brokers: masters.map(({ brokerName }) => masterId(brokerName)),
    topics: [...new Set(all.map(({ topic }) => topic))],
    ends,
    takers: new Map(all.map(({ name, brokerName }) => [name, masterId(brokerName)])),
    layout: new Map(
      masters.flatMap(({ brokerName, topics }) =>
        topics.map((topic) => [`${topic.name} on ${brokerName}`, queuesText(topic)] as const),
      ),
    ),
    loadSince(before) {
      const duration = atSeconds - before.atSeconds;
      const messages = messagesBetween(before, { ends });
      const rates = new Map<string, Map<string, number>>();
      for (const { topic, brokerName, name } of all) {
        const ofTopic = getOrMake(rates, topic, () => new Map());
        const rate = duration > 0 ? (messages.get(name) ?? 0) / duration : 0;
        ofTopic.set(brokerName, (ofTopic.get(brokerName) ?? 0) + rate);
      }
      return loadOf({ masters, rates });
    },
  };
}

const queuesText = ({ readQueues: reads, writeQueues: writes, permission }: TopicDefinition) =>
  `has ${reads} read and ${writes} write queues (permission ${permission})`;
