// Decides to which topic and partition a dead-letter message is resent.

import { partitionOfKey } from '../../brokers/kafka/partition-of-key.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind, PartitionPlace } from '../../core/cluster.ts';
import { originOf, popRetryOf, retryTopicOf, type DeadLetterTopics, type Origin } from './dead-letter.ts';

export interface ResendAim {
  broker: BrokerKind;
  /** The dead-letter topic. */
  topic: string;
  /** Requested target of all messages. */
  to?: string;
  /**
   * RocketMQ: sends to the original topic of a message, which every group of that topic reads; otherwise to the retry
   * topic of its group.
   */
  toOrigin: boolean;
  deadLetterTopics: DeadLetterTopics;
}

/** @returns undefined if neither request, headers nor names determine the target */
export function targetOf(message: FoundMessage, { broker, topic, to, toOrigin, deadLetterTopics }: ResendAim) {
  if (to !== undefined) return { topic: to } satisfies Origin;
  const retry = toOrigin ? undefined : (popRetryOf(message)?.retry ?? retryTopicOf(topic));
  return retry === undefined ? byDefault[broker](message, toOrigin, deadLetterTopics) : ({ topic: retry } as Origin);
}

const byDefault: ByKind<(message: FoundMessage, toOrigin: boolean, of: DeadLetterTopics) => Origin | undefined> = {
  kafka: (message, _, of) => originOf('kafka', message, of),
  // Every group would read it, so only on request.
  rocketmq: (message, toOrigin) => (toOrigin ? originOf('rocketmq', message) : undefined),
};

/**
 * A message goes to its original partition, if the target has it; else to the one that producers choose for its key, or
 * round-robin.
 *
 * @param places of the target, not empty
 * @param turn message counter
 */
export function placeOf(
  { key }: Pick<FoundMessage, 'key'>,
  { partition: original }: Origin,
  places: readonly PartitionPlace[],
  turn: number,
): PartitionPlace | undefined {
  const at = (wanted?: number) =>
    places.find(({ partition, brokerName }) => brokerName === undefined && partition === wanted);
  return at(original) ?? at(key && partitionOfKey(key, places.length)) ?? places[turn % places.length];
}
