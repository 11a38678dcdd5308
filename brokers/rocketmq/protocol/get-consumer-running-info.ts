// Encodes GET_CONSUMER_RUNNING_INFO (307), which a broker forwards to a client, and parses the answer.

import type { TopicConsumption } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import { answeredObject, type Response, typedRequest } from './frame.ts';
import type { LooseObject } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

/*
 * Request fields   consumerGroup  string
 *                  clientId       string
 *                  jstackEnable   true or false
 * Response body    {"properties":{"PROP_CLIENT_VERSION":"V4_9_7","PROP_CONSUMEORDERLY":"false",…},"subscriptionSet":[{"topic":string,"subString":string,…},…],
 *                   "mqTable":{{"brokerName":string,"queueId":int,"topic":string}:{…},…},
 *                   "statusTable":{topic:{"consumeRT":double, milliseconds,"consumeOKTPS":double,"consumeFailedTPS":double,
 *                     "consumeFailedMsgs":int64,"pullRT":double,"pullTPS":double},…},"jstack":string}
 * Response code    1, 206, 207: the client left, or does not answer
 */

export interface ConsumerRunningInfo {
  version?: string;
  /** Whether the client reads each queue in order; producers of such topics choose queues by key. */
  isOrderly?: boolean;
  consumption: readonly TopicConsumption[];
  /** Stack traces of all threads of the client, as text; absent unless requested. */
  stacks?: string;
  /** Subscription expression by topic, without the retry topic of the group. */
  subscriptions: Readonly<Record<string, string>>;
  /** Queues that the client reads now, including those of its retry topic. */
  queues: readonly { topic: string; brokerName: string; queueId: number }[];
}

/** @param stacks request stack traces of the client's threads, some 100 kB; writing them pauses the client */
export function encodeGetConsumerRunningInfo({
  group,
  clientId,
  stacks = false,
}: {
  group: string;
  clientId: string;
  stacks?: boolean;
}) {
  const fields = { consumerGroup: group, clientId, jstackEnable: String(stacks) };
  return typedRequest(307, fields, parseGetConsumerRunningInfo);
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerRunningInfo(response: Response): ConsumerRunningInfo {
  const body = answeredObject(response, 'subscription of a client (307)');
  const properties = body.object('properties');
  const orderly = properties?.text('PROP_CONSUMEORDERLY');
  const subscriptions = body.rows('subscriptionSet').flatMap((subscription) => {
    const topic = subscription.text('topic');
    if (topic === undefined || topic.startsWith('%RETRY%')) return [];
    return [[topic, subscription.text('subString') ?? '*'] as const];
  });
  const rows = queueRows(body.object('mqTable'));
  return defined({
    version: properties?.text('PROP_CLIENT_VERSION'),
    isOrderly: orderly === undefined ? undefined : orderly === 'true',
    consumption: body.members('statusTable').map(consumptionOf),
    stacks: body.text('jstack'),
    subscriptions: Object.fromEntries(subscriptions),
    queues: Array.from(rows, ({ topic, brokerName, queueId }) => ({ topic, brokerName, queueId })),
  });
}

function consumptionOf([topic, status]: readonly [topic: string, status: LooseObject]): TopicConsumption {
  const milliseconds = status.number('consumeRT');
  const [ok, failed] = [status.number('consumeOKTPS'), status.number('consumeFailedTPS')];
  const failedLastHour = status.number('consumeFailedMsgs');
  return {
    topic,
    // A client that consumed nothing reports 0.
    ...(milliseconds !== undefined && (ok ?? 0) + (failed ?? 0) > 0 && { secondsPerBatch: milliseconds / 1000 }),
    ...defined({ okPerSecond: ok, failedPerSecond: failed }),
    // A client samples its hour every ten minutes, so it reports 0 in its first ten minutes.
    ...(failedLastHour !== undefined && failedLastHour > 0 && { failedLastHour }),
  };
}
