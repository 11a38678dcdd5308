// Decides which headers and properties of a message its copy keeps, and marks the copy.

import type { FoundMessage } from '../../brokers/lookup.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { isRetryTopic } from './dead-letter.ts';
import { messageName, type MessagePlace } from './message-name.ts';

/** Header of each copy: id of the resend, dead-letter topic, and position of the original there. */
export const markerName = 'plimsoll-resend';

export const markerOf = (id: string, topic: string, place: MessagePlace): string =>
  `${id} ${topic} ${messageName(place)}`;

/**
 * Properties that a broker or client sets for one delivery (MessageConst.java). A copy with them would be delayed
 * again, mistaken for half of a transaction, or counted as delivered before.
 */
const ofOneDelivery = new Set(
  `
    DELAY TRAN_MSG PGROUP WAIT REAL_TOPIC REAL_QID
    MIN_OFFSET MAX_OFFSET DUP_INFO RECONSUME_TIME MAX_RECONSUME_TIMES CONSUME_START_TIME
    MSG_REGION TRACE_ON CLUSTER TRAN_PREPARED_QUEUE_OFFSET TRANSACTION_CHECK_TIMES CHECK_IMMUNITY_TIME_IN_SECONDS
    __transactionId__ POP_CK POP_CK_OFFSET 1ST_POP_TIME INNER_NUM INNER_BASE
    __STARTDELIVERTIME INNER_MULTI_DISPATCH INNER_MULTI_QUEUE_OFFSET INNER_MULTI_QUEUE_SIZE
  `
    .trim()
    .split(/\s+/),
);

const dropped: ByKind<(name: string, value: Buffer, target: string) => boolean> = {
  // Attempts of Spring retry topics (RetryTopicHeaders.java): a copy with them would have none left.
  kafka: (name) => name.startsWith('retry_topic-'),
  rocketmq: (name, value, target) =>
    ofOneDelivery.has(name) ||
    name.startsWith('TIMER_') ||
    // Consumers use it as the topic of a retried message: wrong for another target, and for a POP retry topic.
    (name === 'RETRY_TOPIC' && (!isRetryTopic(target) || isRetryTopic(value.toString('utf8')))),
};

/** Keeps all other properties, including RocketMQ's unique key: consumers see the message id of the original. */
export function copiedProperties(
  message: FoundMessage,
  broker: BrokerKind,
  { marker, target }: { marker: string; target: string },
): FoundMessage['properties'] {
  const kept = message.properties.filter(
    ([name, value]) => name !== markerName && !dropped[broker](name, value, target),
  );
  return [...kept, [markerName, Buffer.from(marker)]];
}

export const markerIn = ({ properties }: Pick<FoundMessage, 'properties'>): string | undefined =>
  properties.findLast(([name]) => name === markerName)?.[1].toString('utf8');
