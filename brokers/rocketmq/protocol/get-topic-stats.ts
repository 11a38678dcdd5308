// Encodes GET_TOPIC_STATS_INFO (202) and parses the offsets of a topic's queues on one broker.

import { answered, answeredObject, type Response, typedRequest } from './frame.ts';
import { queueRows } from './queue-table.ts';

/*
 * Request fields   topic      string
 * Response body    {"offsetTable":{{"brokerName":string,"queueId":int,"topic":string}:
 *                      {"lastUpdateTimestamp":int64 ms,"maxOffset":int64,"minOffset":int64},…},"topicPutTps":double (5.3.3)}
 *
 * The broker looks up the store time of each queue's newest message in its commit log: for a topic without recent
 * writes it reads a cold page from disk (apache/rocketmq/issues/9407).
 */

const topicNotExist = 17;

export const encodeGetTopicStats = (topic: string) => typedRequest(202, { topic }, parseGetTopicStats);

export const encodeHasTopic = (topic: string) => typedRequest(202, { topic }, parseHasTopic);

/** @returns whether the broker has the topic; slaves have their master's topics. @throws AppError broker-refused */
export function parseHasTopic(response: Response): boolean {
  if (response.code === topicNotExist) return false;
  answered(response, 'topic statistics (202)');
  return true;
}

/** @throws AppError broker-refused (code 17 when the broker does not have the topic), answer-unreadable */
export function parseGetTopicStats(response: Response) {
  const table = answeredObject(response, 'topic statistics (202)').object('offsetTable');
  return Array.from(queueRows(table), ({ value, topic, brokerName, queueId }) => {
    const [start, end] = [value.bigint('minOffset'), value.bigint('maxOffset')];
    return { topic, brokerName, queueId, ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
  });
}
