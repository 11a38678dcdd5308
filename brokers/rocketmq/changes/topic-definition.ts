// Reads (21) and rewrites (17) the full definition of a topic on a master.

import { answered } from '../protocol/answered.ts';
import { dataVersionOf } from '../protocol/data-version.ts';
import type { Request, Response } from '../protocol/frame.ts';
import { LooseObject, parseLooseObject } from '../protocol/loose-json.ts';
import type { DefinitionPage } from './read-definitions.ts';

export interface TopicDefinition {
  name: string;
  readQueues: number;
  writeQueues: number;
  /** Bits: 4 readable, 2 writable, 1 inherited. */
  permission: number;
  filterType: string;
  sysFlag: number;
  order: boolean;
  /** 5.x, such as `message.type`. */
  attributes: Readonly<Record<string, string>>;
}

/*
 * 21  GET_ALL_TOPIC_CONFIG, asked as in protocol/get-all-topic-config.ts
 *     Response body    {"topicConfigTable":{topic:{"topicName":string,"readQueueNums":int,"writeQueueNums":int,"perm":int,
 *                          "topicFilterType":enum,"topicSysFlag":int,"order":boolean,"attributes":{…} (5.x)},…},…}
 * 17  UPDATE_AND_CREATE_TOPIC
 *     Request fields   topic, defaultTopic
 *                      readQueueNums, writeQueueNums, perm, topicSysFlag  int32
 *                      topicFilterType  enum
 *                      order            true or false
 *                      attributes       5.x: +name=value and -name joined by commas; those not named stay as they are
 *     A broker refuses +name of an attribute that cannot be changed (cleanup.policy, queue.type), with the same value too, and -name of
 *     one that it does not have (AttributeUtil).
 */

/** @throws AppError broker-refused, answer-unreadable */
export function parseTopicDefinitions(response: Response): DefinitionPage<TopicDefinition> {
  const body = parseLooseObject(answered(response, 'topic configs (21)').body);
  const rows = (body.object('topicConfigTable')?.entries ?? []).flatMap(([name, config]) =>
    typeof name === 'string' && config instanceof LooseObject ? [definitionOf(name, config)] : [],
  );
  return { rows, dataVersion: dataVersionOf(body), total: Number(response.fields['totalTopicNum'] ?? Number.NaN) };
}

function definitionOf(name: string, config: LooseObject): TopicDefinition {
  return {
    name,
    readQueues: config.number('readQueueNums') ?? 0,
    writeQueues: config.number('writeQueueNums') ?? 0,
    permission: config.number('perm') ?? 0,
    filterType: config.text('topicFilterType') ?? 'SINGLE_TAG',
    sysFlag: config.number('topicSysFlag') ?? 0,
    order: config.flag('order') ?? false,
    attributes: Object.fromEntries(
      (config.object('attributes')?.entries ?? []).flatMap(([key, value]) =>
        // Some versions keep the sign of the request with the name: `+message.type`.
        typeof key === 'string' && typeof value === 'string' ? [[key.replace(/^\+/, ''), value] as const] : [],
      ),
    ),
  };
}

/** @param now the topic as the broker has it; undefined creates it */
export function encodeTopicDefinition(topic: TopicDefinition, now: TopicDefinition | undefined): Request {
  const [before, after] = [now?.attributes ?? {}, topic.attributes];
  const attributes = [
    ...Object.entries(after).flatMap(([key, value]) => (before[key] === value ? [] : [`+${key}=${value}`])),
    ...Object.keys(before).flatMap((key) => (Object.hasOwn(after, key) ? [] : [`-${key}`])),
  ];
  return {
    code: 17,
    fields: {
      topic: topic.name,
      defaultTopic: topic.name,
      readQueueNums: String(topic.readQueues),
      writeQueueNums: String(topic.writeQueues),
      perm: String(topic.permission),
      topicFilterType: topic.filterType,
      topicSysFlag: String(topic.sysFlag),
      order: String(topic.order),
      ...(attributes.length > 0 && { attributes: attributes.join(',') }),
    },
  };
}
