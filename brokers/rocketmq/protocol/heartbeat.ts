// How does a client say that it is there, and for which groups? Request code 34, HEART_BEAT, to every broker it uses.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/** Brokers forget a client they have not heard of for 120 s. */
export interface Heartbeat {
  /** Of one connection and group member; the order of these decides who reads what. */
  clientId: string;
  consumer: {
    group: string;
    messageModel: 'CLUSTERING' | 'BROADCASTING';
    topics: readonly string[];
    /** Grows when the subscription changes: milliseconds since the epoch of when it was made. */
    subscribedAtMs: number;
  };
}

/*
 * Body  { clientID, producerDataSet: [], consumerDataSet: [{ groupName, consumeType, messageModel, consumeFromWhere,
 *         subscriptionDataSet: [{ topic, subString, tagsSet, codeSet, subVersion, expressionType }], unitMode }] }
 * Response  nothing
 */

export function encodeHeartbeat({ clientId, consumer }: Heartbeat): Request {
  const { group, messageModel, topics, subscribedAtMs } = consumer;
  const subscriptionDataSet = topics.map((topic) => ({
    classFilterMode: false,
    topic,
    subString: '*',
    tagsSet: [],
    codeSet: [],
    subVersion: subscribedAtMs,
    expressionType: 'TAG',
  }));
  const member = {
    groupName: group,
    consumeType: 'CONSUME_PASSIVELY',
    messageModel,
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet,
    unitMode: false,
  };
  const body = { clientID: clientId, producerDataSet: [], consumerDataSet: [member] };
  return { code: 34, fields: {}, body: Buffer.from(JSON.stringify(body)) };
}

/** @throws AppError */
export function parseHeartbeat(response: Response): void {
  answered(response, 'heartbeat (34)');
}
