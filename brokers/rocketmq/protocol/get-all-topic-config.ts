// Encodes GET_ALL_TOPIC_CONFIG (21) and parses the topics of a broker and their queue counts.

import { answered } from './answered.ts';
import { dataVersionOf } from './data-version.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';

interface TopicPage {
  topics: TopicConfig[];
  dataVersion?: string;
  /** How many there are in all, where the broker gives them out in pages; absent when this is all. */
  total?: number;
}

export interface TopicConfig {
  name: string;
  readQueues: number;
  writeQueues: number;
  /** Bits: 4 readable, 2 writable, 1 inherited. */
  permission: number;
  order: boolean;
  /** 5.x, such as `message.type`. */
  attributes: Readonly<Record<string, string>>;
}

/*
 * Request fields   topicSeq     int32 as decimal text, the first wanted in the order of names
 *                  maxTopicNum  int32 as decimal text
 *                  dataVersion  as the page before gave it: another one starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers do not read them and send everything
 * Response fields  totalTopicNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"topicConfigTable":{topic:{"topicName":string,"readQueueNums":int,"writeQueueNums":int,
 *                      "perm":int,"order":boolean,"attributes":{…} (5.x),…},…}}
 */

export function encodeGetAllTopicConfig(page: { from: number; most: number; dataVersion?: string }): Request {
  const { from, most, dataVersion } = page;
  const fields = { topicSeq: String(from), maxTopicNum: String(most) };
  return { code: 21, fields: { ...fields, ...(dataVersion !== undefined && { dataVersion }) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllTopicConfig(response: Response): TopicPage {
  const body = parseLooseObject(answered(response, 'topic configs (21)').body);
  const dataVersion = dataVersionOf(body);
  const total = Number(response.fields['totalTopicNum'] ?? Number.NaN);
  const topics: TopicConfig[] = [];
  for (const [name, config] of body.object('topicConfigTable')?.entries ?? []) {
    if (typeof name === 'string' && config instanceof LooseObject) topics.push(topicConfigOf(name, config));
  }
  return {
    topics,
    ...(dataVersion !== undefined && { dataVersion }),
    ...(Number.isInteger(total) && { total }),
  };
}

function topicConfigOf(name: string, config: LooseObject): TopicConfig {
  return {
    name,
    readQueues: queueCount(config, 'readQueueNums'),
    writeQueues: queueCount(config, 'writeQueueNums'),
    permission: config.number('perm') ?? 0,
    order: config.flag('order') ?? false,
    attributes: Object.fromEntries(
      (config.object('attributes')?.entries ?? []).filter(
        (entry): entry is [string, string] => typeof entry[0] === 'string' && typeof entry[1] === 'string',
      ),
    ),
  };
}

/** Callers number the queues one by one: a count beyond any topic's is no count. */
const mostQueues = 100_000;

export function queueCount(config: LooseObject, name: string): number {
  const count = config.number(name) ?? 0;
  return Number.isInteger(count) && count >= 0 && count <= mostQueues ? count : 0;
}
