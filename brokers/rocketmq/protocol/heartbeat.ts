// Encodes HEART_BEAT (34), which registers a client and its groups with a broker.

import { command } from './frame.ts';

/** Brokers drop a client after 120 s without a heartbeat. */
interface Heartbeat {
  /** Id of one connection and group member. Members sort these ids to assign queues. */
  clientId: string;
  consumer?: {
    group: string;
    /** `push` (default): long-polls the broker. */
    mode?: 'push' | 'pull';
    messageModel: 'CLUSTERING' | 'BROADCASTING';
    /** Where a new group starts to read; the end by default. */
    from?: 'start' | 'end';
    topics: readonly string[];
    /** Time when the subscription was made, milliseconds since the epoch: it must grow with each change. */
    subscribedAtMs: number;
  };
  /** Group that receives transaction checks from the broker. */
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
