// Encodes GET_CONSUME_STATS (208) and parses when the last consumed message of each queue was stored.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { queueRows } from './queue-table.ts';

/*
 * Request fields   consumerGroup  string
 *                  topic          string
 * Response body    {"consumeTps":double,"offsetTable":{{"brokerName":string,"queueId":int,"topic":string}:
 *                      {"brokerOffset":int64,"consumerOffset":int64,"lastTimestamp":int64 ms,"pullOffset":int64 (5.1+)},…}}
 *
 * The broker looks up lastTimestamp in the commit log: for a group far behind, it reads a cold page. The broker leaves
 * out a topic outside the subscription of a connected group.
 */

export interface QueueConsumption {
  topic: string;
  queueId: number;
  /** Committed offset; also 0 for a queue without a commit, which the broker does not distinguish here. */
  committed?: bigint;
  /** Store time of the message before the committed offset; absent if there is none. */
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
