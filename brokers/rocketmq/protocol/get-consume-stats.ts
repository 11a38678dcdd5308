// Encodes GET_CONSUME_STATS (208) and parses when the last consumed message of each queue was stored.

import { answeredObject } from './answered.ts';
import type { Response } from './frame.ts';
import { queueRows } from './queue-table.ts';
import { typedRequest } from './typed-request.ts';

/*
 * Request fields   consumerGroup  string
 *                  topic          string
 * Response body    {"consumeTps":double,"offsetTable":{{"brokerName":string,"queueId":int,"topic":string}:
 *                      {"brokerOffset":int64,"consumerOffset":int64,"lastTimestamp":int64 ms,"pullOffset":int64 (5.1+)},…}}
 *
 * lastTimestamp is looked up in the commit log: of a group far behind that is a cold page. A topic outside the
 * subscription of a connected group is left out by the broker.
 */

export interface QueueConsumption {
  topic: string;
  queueId: number;
  /** 0 also for a queue in which the group never committed: the broker does not distinguish them here. */
  committed?: bigint;
  /** Of the message before the commit; absent when there is none. */
  consumedStoredAtMs?: number;
}

export const encodeGetConsumeStats = ({ group, topic }: { group: string; topic: string }) =>
  typedRequest(208, { consumerGroup: group, topic }, parseGetConsumeStats);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumeStats(response: Response): QueueConsumption[] {
  const stats = answeredObject(response, 'consumer statistics (208)');
  return Array.from(queueRows(stats.object('offsetTable')), ({ topic, queueId, value }) => {
    const [committed, storedAt] = [value.bigint('consumerOffset'), value.number('lastTimestamp')];
    return {
      topic,
      queueId,
      ...(committed !== undefined && { committed }),
      ...(storedAt !== undefined && storedAt > 0 && { consumedStoredAtMs: storedAt }),
    };
  });
}
