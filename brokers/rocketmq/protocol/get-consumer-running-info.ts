// Encodes GET_CONSUMER_RUNNING_INFO (307), which a broker forwards to a client, and parses the answer.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

export interface ConsumerRunningInfo {
  version?: string;
  /** Expression by topic, without the group's own retry topic. */
  subscriptions: Readonly<Record<string, string>>;
  /** Queues it reads now, those of its retry topic included. */
  queues: readonly { topic: string; brokerName: string; queueId: number }[];
}

/*
 * Request fields   consumerGroup  string
 *                  clientId       string
 *                  jstackEnable   true or false
 * Response body    {"properties":{"PROP_CLIENT_VERSION":"V4_9_7",…},"subscriptionSet":[{"topic":string,"subString":string,…},…],
 *                   "mqTable":{{"brokerName":string,"queueId":int,"topic":string}:{…},…},"statusTable":{…}}
 * Response code    1, 206, 207: the client left, or does not answer
 */

export function encodeGetConsumerRunningInfo({ group, clientId }: { group: string; clientId: string }): Request {
  return { code: 307, fields: { consumerGroup: group, clientId, jstackEnable: 'false' } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerRunningInfo(response: Response): ConsumerRunningInfo {
  const body = parseLooseObject(answered(response, 'subscription of a client (307)').body);
  const version = body.object('properties')?.text('PROP_CLIENT_VERSION');
  const subscriptions: [string, string][] = [];
  for (const subscription of body.list('subscriptionSet') ?? []) {
    const topic = subscription instanceof LooseObject ? subscription.text('topic') : undefined;
    if (!(subscription instanceof LooseObject) || topic === undefined || topic.startsWith('%RETRY%')) continue;
    subscriptions.push([topic, subscription.text('subString') ?? '*']);
  }
  const rows = queueRows(body.object('mqTable'));
  return {
    ...(version !== undefined && { version }),
    subscriptions: Object.fromEntries(subscriptions),
    queues: Array.from(rows, ({ topic, brokerName, queueId }) => ({ topic, brokerName, queueId })),
  };
}
