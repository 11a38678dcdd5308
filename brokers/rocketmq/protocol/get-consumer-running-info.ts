// Encodes GET_CONSUMER_RUNNING_INFO (307), which a broker forwards to a client, and parses the answer.

import type { TopicConsumption } from '../../lookup.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

export interface ConsumerRunningInfo {
  version?: string;
  /** Whether it reads each queue in order: its producers choose queues by keys. */
  isOrderly?: boolean;
  consumption: readonly TopicConsumption[];
  /** Stack traces of all threads of the client, as text; absent unless requested. */
  stacks?: string;
  /** Expression by topic, without the group's own retry topic. */
  subscriptions: Readonly<Record<string, string>>;
  /** Queues it reads now, those of its retry topic included. */
  queues: readonly { topic: string; brokerName: string; queueId: number }[];
}

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

/** @param stacks the client writes the stack traces of its threads, some 100 kB, which costs it a pause */
export function encodeGetConsumerRunningInfo({
  group,
  clientId,
  stacks = false,
}: {
  group: string;
  clientId: string;
  stacks?: boolean;
}): Request {
  return { code: 307, fields: { consumerGroup: group, clientId, jstackEnable: String(stacks) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumerRunningInfo(response: Response): ConsumerRunningInfo {
  const body = parseLooseObject(answered(response, 'subscription of a client (307)').body);
  const properties = body.object('properties');
  const [version, orderly] = [properties?.text('PROP_CLIENT_VERSION'), properties?.text('PROP_CONSUMEORDERLY')];
  const subscriptions: [string, string][] = [];
  for (const subscription of body.list('subscriptionSet') ?? []) {
    const topic = subscription instanceof LooseObject ? subscription.text('topic') : undefined;
    if (!(subscription instanceof LooseObject) || topic === undefined || topic.startsWith('%RETRY%')) continue;
    subscriptions.push([topic, subscription.text('subString') ?? '*']);
  }
  const rows = queueRows(body.object('mqTable'));
  const stacks = body.text('jstack');
  return {
    ...(version !== undefined && { version }),
    ...(orderly !== undefined && { isOrderly: orderly === 'true' }),
    consumption: consumptionIn(body.object('statusTable')),
    ...(stacks !== undefined && { stacks }),
    subscriptions: Object.fromEntries(subscriptions),
    queues: Array.from(rows, ({ topic, brokerName, queueId }) => ({ topic, brokerName, queueId })),
  };
}

function consumptionIn(table: LooseObject | undefined): TopicConsumption[] {
  return (table?.entries ?? []).flatMap(([topic, status]): TopicConsumption[] => {
    if (typeof topic !== 'string' || !(status instanceof LooseObject)) return [];
    const milliseconds = status.number('consumeRT');
    const [ok, failed] = [status.number('consumeOKTPS'), status.number('consumeFailedTPS')];
    const failedLastHour = status.number('consumeFailedMsgs');
    return [
      {
        topic,
        // A client that consumed nothing reports 0.
        ...(milliseconds !== undefined && (ok ?? 0) + (failed ?? 0) > 0 && { secondsPerBatch: milliseconds / 1000 }),
        ...(ok !== undefined && { okPerSecond: ok }),
        ...(failed !== undefined && { failedPerSecond: failed }),
        // A client samples its hour every ten minutes, so it reports 0 in its first ten minutes.
        ...(failedLastHour !== undefined && failedLastHour > 0 && { failedLastHour }),
      },
    ];
  });
}
