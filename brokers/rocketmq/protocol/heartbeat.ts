// Encodes HEART_BEAT (34), which registers a client and its groups with a broker.

import { command } from './typed-request.ts';

/** Brokers forget a client they have not heard of for 120 s. */
interface Heartbeat {
  /** Of one connection and group member; the order of these decides who reads what. */
  clientId: string;
  consumer?: {
    group: string;
    /** Whether it waits for messages at the broker; push unless said. */
    mode?: 'push' | 'pull';
    messageModel: 'CLUSTERING' | 'BROADCASTING';
    /** Where the group begins; the end unless said. */
    from?: 'start' | 'end';
    topics: readonly string[];
    /** Grows when the subscription changes: milliseconds since the epoch of when it was made. */
    subscribedAtMs: number;
  };
  /** For who is to be asked about transactions. */
  producerGroup?: string;
}

/*
 * Body  { clientID, producerDataSet: [{ groupName }], consumerDataSet: [{ groupName, consumeType, messageModel,
 *         consumeFromWhere, subscriptionDataSet: [{ topic, subString, tagsSet, codeSet, subVersion, expressionType }],
 *         unitMode }] }
 * Response  nothing
 */

export function encodeHeartbeat({ clientId, consumer, producerGroup }: Heartbeat) {
  const body = {
    clientID: clientId,
    producerDataSet: producerGroup === undefined ? [] : [{ groupName: producerGroup }],
    consumerDataSet: consumer === undefined ? [] : [memberOf(consumer)],
  };
  return command(34, 'heartbeat', {}, Buffer.from(JSON.stringify(body)));
}

function memberOf(consumer: NonNullable<Heartbeat['consumer']>): object {
  const { group, mode = 'push', messageModel, from = 'end', topics, subscribedAtMs } = consumer;
  const subscriptionDataSet = topics.map((topic) => ({
    classFilterMode: false,
    topic,
    subString: '*',
    tagsSet: [],
    codeSet: [],
    subVersion: subscribedAtMs,
    expressionType: 'TAG',
  }));
  return {
    groupName: group,
    consumeType: mode === 'push' ? 'CONSUME_PASSIVELY' : 'CONSUME_ACTIVELY',
    messageModel,
    consumeFromWhere: from === 'end' ? 'CONSUME_FROM_LAST_OFFSET' : 'CONSUME_FROM_FIRST_OFFSET',
    subscriptionDataSet,
    unitMode: false,
  };
}
