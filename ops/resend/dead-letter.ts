// Recognises dead-letter topics, and finds the original topic of a dead-letter message.

import type { FoundMessage } from '../../brokers/lookup.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';

/** Kafka: configured original topic by dead-letter topic. */
export type DeadLetterTopics = Readonly<Record<string, string>>;

const deadLetterPrefix = '%DLQ%';
const retryPrefix = '%RETRY%';

/** Matches `orders.DLT`, `orders-dlt` (Spring), `orders.DLQ`, `orders_dlq`, `orders-dead-letter`, and `dlq-orders`. */
const byName = [/^(.+)[._-](?:DLT|DLQ|dead-?letters?)$/i, /^(?:DLT|DLQ)[._-](.+)$/i];

/**
 * Headers of Spring for Kafka (DeadLetterPublishingRecoverer, retry topics), Kafka Connect, Kafka Streams, SmallRye
 * (Quarkus) and Spring Cloud Stream.
 */
const originHeaders = [
  { topic: 'kafka_dlt-original-topic', partition: 'kafka_dlt-original-partition' },
  { topic: 'kafka_original-topic', partition: 'kafka_original-partition' },
  { topic: '__connect.errors.topic', partition: '__connect.errors.partition' },
  { topic: '__streams.errors.topic', partition: '__streams.errors.partition' },
  { topic: 'dead-letter-topic', partition: 'dead-letter-partition' },
  { topic: 'x-original-topic', partition: 'x-original-partition' },
] as const;

export interface Origin {
  topic: string;
  partition?: number;
}

const namedOrigin = (topic: string): string | undefined =>
  byName.map((form) => form.exec(topic)?.[1]).find((origin) => origin !== undefined);

const recognised: ByKind<(topic: string, configured: DeadLetterTopics) => boolean> = {
  kafka: (topic, configured) => Object.hasOwn(configured, topic) || namedOrigin(topic) !== undefined,
  rocketmq: (topic) => topic.startsWith(deadLetterPrefix) || topic.startsWith(retryPrefix),
};

/** Includes retry topics of RocketMQ. */
export const isDeadLetterTopic = (broker: BrokerKind, topic: string, configured: DeadLetterTopics = {}): boolean =>
  recognised[broker](topic, configured);

/** @returns the retry topic for a dead-letter topic of a RocketMQ group, which only that group reads */
export const retryTopicOf = (topic: string): string | undefined =>
  topic.startsWith(deadLetterPrefix) ? `${retryPrefix}${topic.slice(deadLetterPrefix.length)}` : undefined;

/**
 * POP consumers, such as gRPC clients, never read the retry topic of their group: they have one per topic
 * (KeyBuilder.java), `%RETRY%group_topic`, or `%RETRY%group+topic` with enableRetryTopicV2.
 */
export const popRetryTopicsOf = (topic: string, origin: string): string[] => {
  const retry = retryTopicOf(topic);
  return retry === undefined ? [] : [`${retry}_${origin}`, `${retry}+${origin}`];
};

/** Brokers validate the topic name of sent messages (TopicValidator.java). */
export const isRefusedByBrokers = (topic: string): boolean => isRetryTopic(topic) && topic.includes('+');

/** @returns for a message that a POP consumer gave up after a retry: the retry topic it was read from, and the original topic */
export function popRetryOf(message: FoundMessage): { retry: string; origin: string } | undefined {
  const [group, read] = [retryTopicOf(message.topic), readFrom(message)];
  if (group === undefined || read?.startsWith(group) !== true || !/^[_+]./.test(read.slice(group.length)))
    return undefined;
  return { retry: read, origin: read.slice(group.length + 1) };
}

const readFrom = (message: FoundMessage): string | undefined => valueOf(message, 'RETRY_TOPIC')?.toString('utf8');

export const isRetryTopic = (topic: string): boolean => topic.startsWith(retryPrefix);

/** @returns the group of a retry topic, parsed from its name as brokers do (SendMessageProcessor.java) */
export const groupIn = (retryTopic: string): string => retryTopic.slice(retryPrefix.length);

const origins: ByKind<(message: FoundMessage, configured: DeadLetterTopics) => Origin | undefined> = {
  kafka(message, configured) {
    for (const names of originHeaders) {
      const topic = valueOf(message, names.topic)?.toString('utf8');
      if (topic === undefined || topic === '') continue;
      const partition = partitionIn(valueOf(message, names.partition));
      return { topic, ...(partition !== undefined && { partition }) };
    }
    const topic = configured[message.topic] ?? namedOrigin(message.topic);
    return topic === undefined ? undefined : { topic };
  },
  rocketmq(message) {
    const topic =
      popRetryOf(message)?.origin ?? readFrom(message) ?? valueOf(message, 'DLQ_ORIGIN_TOPIC')?.toString('utf8');
    return topic === undefined || topic === '' ? undefined : { topic };
  },
};

export const originOf = (
  broker: BrokerKind,
  message: FoundMessage,
  configured: DeadLetterTopics = {},
): Origin | undefined => origins[broker](message, configured);

const valueOf = ({ properties }: FoundMessage, wanted: string): Buffer | undefined =>
  properties.findLast(([name]) => name === wanted)?.[1];

/** Spring writes an int32, others write digits. */
function partitionIn(value: Buffer | undefined): number | undefined {
  if (value === undefined) return undefined;
  const text = value.toString('utf8');
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return value.length === 4 && value.readInt32BE() >= 0 ? value.readInt32BE() : undefined;
}
