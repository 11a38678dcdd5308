// Decides to which topic and partition a dead-letter message is sent again.

import { partitionOfKey } from '../../brokers/kafka/changes/sample-keys.ts';
import type { FoundMessage, PartitionRef } from '../../brokers/lookup.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { originOf, popRetryOf, retryTopicOf, type DeadLetterTopics, type Origin } from './dead-letter.ts';

export interface ResendAim {
  broker: BrokerKind;
  /** The dead-letter topic. */
  topic: string;
  /** Requested, for all messages. */
  to?: string;
  /** RocketMQ: to the topic that a message came from, which every group of it reads; else to the retry topic of its group. */
  toOrigin: boolean;
  deadLetterTopics: DeadLetterTopics;
}

/** @returns undefined where neither request, headers nor names decide */
export function targetOf(message: FoundMessage, { broker, topic, to, toOrigin, deadLetterTopics }: ResendAim) {
  if (to !== undefined) return { topic: to } satisfies Origin;
  const retry = toOrigin ? undefined : (popRetryOf(message)?.retry ?? retryTopicOf(topic));
  return retry === undefined ? byDefault[broker](message, toOrigin, deadLetterTopics) : ({ topic: retry } as Origin);
}

const byDefault: ByKind<(message: FoundMessage, toOrigin: boolean, of: DeadLetterTopics) => Origin | undefined> = {
  kafka: (message, _, of) => originOf('kafka', message, of),
  // Every group would read it: only on request.
  rocketmq: (message, toOrigin) => (toOrigin ? originOf('rocketmq', message) : undefined),
};

/**
 * A message with a key goes where producers put that key; one without to the partition it came from, or the next in turn.
 *
 * @param places of the target, not empty
 * @param turn counts messages
 */
export function placeOf(
  { key }: Pick<FoundMessage, 'key'>,
  { partition: original }: Origin,
  places: readonly PartitionRef[],
  turn: number,
): PartitionRef | undefined {
  const wanted = original ?? (key === undefined ? undefined : partitionOfKey(key, places.length));
  return (
    places.find(({ partition, brokerName }) => brokerName === undefined && partition === wanted) ??
    places[turn % places.length]
  );
}
