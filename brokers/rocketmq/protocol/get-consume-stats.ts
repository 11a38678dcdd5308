// How far is one group on one broker, by the broker's own reckoning? Request code 208, GET_CONSUME_STATS, to a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject, type LooseObject } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

export interface ConsumeStats {
  messagesPerSecond?: number;
  queues: QueueConsumption[];
}

export interface QueueConsumption {
  topic: string;
  brokerName: string;
  queueId: number;
  end?: bigint;
  /** 0 for a queue the group never committed in, too: the broker does not tell them apart here. */
  committed?: bigint;
  /** 5.1+: the next one that clients will pull. */
  pulled?: bigint;
  consumedStoredAtMs?: number;
}

/*
 * Request fields   consumerGroup  string
 *                  topic          string; left out: every topic the group committed in
 * Response body    {"consumeTps":double,"offsetTable":{{"brokerName":string,"queueId":int,"topic":string}:
 *                      {"brokerOffset":int64,"consumerOffset":int64,"lastTimestamp":int64 ms,"pullOffset":int64 (5.1+)},…}}
 *
 * lastTimestamp is the store time of the message before consumerOffset, looked up in the commit log: of a group far
 * behind that is a cold page. A topic outside the subscription of a connected group is left out by the broker.
 */

export function encodeGetConsumeStats({ group, topic }: { group: string; topic?: string }): Request {
  return { code: 208, fields: { consumerGroup: group, ...(topic !== undefined && { topic }) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumeStats(response: Response): ConsumeStats {
  return consumeStatsOf(parseLooseObject(answered(response, 'consumer statistics (208)').body));
}

/** The same shape stands in the list of 317. */
export function consumeStatsOf(stats: LooseObject): ConsumeStats {
  const messagesPerSecond = stats.number('consumeTps');
  return {
    ...(messagesPerSecond !== undefined && { messagesPerSecond }),
    queues: Array.from(queueRows(stats.object('offsetTable')), ({ topic, brokerName, queueId, value }) => {
      const [end, committed, pulled] = [
        value.bigint('brokerOffset'),
        value.bigint('consumerOffset'),
        value.bigint('pullOffset'),
      ];
      const storedAt = value.number('lastTimestamp');
      return {
        topic,
        brokerName,
        queueId,
        ...(end !== undefined && { end }),
        ...(committed !== undefined && { committed }),
        ...(pulled !== undefined && { pulled }),
        ...(storedAt !== undefined && storedAt > 0 && { consumedStoredAtMs: storedAt }),
      };
    }),
  };
}
