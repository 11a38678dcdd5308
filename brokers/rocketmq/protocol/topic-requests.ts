// Requests about topics of a broker: definitions, ends of queues, changes and removal.

import { answeredObject, type Response, typedRequest, answered, command } from './frame.ts';
import { dataVersionOf, pageOf, type Page, type PageRows } from './read-pages.ts';
import type { LooseObject } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

// Encodes GET_ALL_TOPIC_CONFIG (21) and parses the definitions of the topics of a broker.

/*
 * Request fields   topicSeq     int32 as decimal text, index of the first topic in the order of names
 *                  maxTopicNum  int32 as decimal text
 *                  dataVersion  as in the previous page: with another version the broker starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers ignore them and send everything
 * Response fields  totalTopicNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"topicConfigTable":{topic:{"topicName":string,"readQueueNums":int,"writeQueueNums":int,
 *                      "perm":int,"topicFilterType":enum,"topicSysFlag":int,"order":boolean,"attributes":{…} (5.x),…},…},
 *                   "topicQueueMappingDetailMap":{topic:{"hostedQueues":{queue:[…],…},…},…} (5.x)}
 */

export type TopicDefinition = ReturnType<typeof definitionOf> & {
  /** 5.x: queues of a static topic are mapped to this broker. */
  isStatic?: true;
};

export const encodeGetAllTopicConfig = ({ from, most, ...version }: Page) =>
  typedRequest(21, { topicSeq: String(from), maxTopicNum: String(most), ...version }, parseGetAllTopicConfig);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllTopicConfig(response: Response): PageRows<TopicDefinition> {
  const body = answeredObject(response, 'topic configs (21)');
  const mapped = body.object('topicQueueMappingDetailMap');
  const isStatic = (name: string) => (mapped?.object(name)?.object('hostedQueues')?.entries ?? []).length > 0;
  const rows = body.members('topicConfigTable').map(([name, config]) => ({
    ...definitionOf(name, config),
    ...(isStatic(name) && { isStatic: true as const }),
  }));
  return pageOf(rows, dataVersionOf(body), response.fields['totalTopicNum']);
}

function definitionOf(name: string, config: LooseObject) {
  return {
    name,
    readQueues: queueCount(config, 'readQueueNums'),
    writeQueues: queueCount(config, 'writeQueueNums'),
    /** Bits: 4 readable, 2 writable, 1 inherited. */
    permission: config.number('perm') ?? 0,
    filterType: config.text('topicFilterType') ?? 'SINGLE_TAG',
    sysFlag: config.number('topicSysFlag') ?? 0,
    order: config.flag('order') ?? false,
    /** 5.x, such as `message.type`. */
    attributes: Object.fromEntries(
      (config.object('attributes')?.entries ?? []).flatMap(([key, value]) =>
        // Some versions keep the sign of the update request in the name: `+message.type`.
        typeof key === 'string' && typeof value === 'string' ? [[key.replace(/^\+/, ''), value] as const] : [],
      ),
    ),
  };
}

/** Limit of a queue count, since callers loop over the queues; counts above it are invalid. */
const mostQueues = 100_000;

export function queueCount(config: LooseObject, name: string): number {
  const count = config.number(name) ?? 0;
  return Number.isInteger(count) && count >= 0 && count <= mostQueues ? count : 0;
}

// Encodes GET_TOPIC_STATS_INFO (202) and parses the offsets of a topic's queues on one broker.

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

// Encodes UPDATE_AND_CREATE_TOPIC (17), which creates or changes a topic on a master.

/*
 * Request fields   topic, defaultTopic
 *                  readQueueNums, writeQueueNums, topicSysFlag  int32
 *                  perm                                         int32, 4 read + 2 write
 *                  topicFilterType                              enum
 *                  order                                        true or false
 *                  attributes       5.x: +name=value and -name joined by commas; others stay unchanged
 * Response         nothing
 *
 * A broker refuses +name of an attribute that cannot be changed (cleanup.policy, queue.type), even with the same value,
 * and -name of an attribute that it does not have (AttributeUtil).
 */

/** @param now the topic as the broker has it; undefined creates it */
export function encodeUpdateTopic(topic: TopicDefinition, now: TopicDefinition | undefined) {
  const [before, after] = [now?.attributes ?? {}, topic.attributes];
  const attributes = [
    ...Object.entries(after).flatMap(([key, value]) => (before[key] === value ? [] : [`+${key}=${value}`])),
    ...Object.keys(before).flatMap((key) => (Object.hasOwn(after, key) ? [] : [`-${key}`])),
  ];
  return command(17, 'definition of a topic', {
    topic: topic.name,
    defaultTopic: topic.name,
    readQueueNums: String(topic.readQueues),
    writeQueueNums: String(topic.writeQueues),
    perm: String(topic.permission),
    topicFilterType: topic.filterType,
    topicSysFlag: String(topic.sysFlag),
    order: String(topic.order),
    ...(attributes.length > 0 && { attributes: attributes.join(',') }),
  });
}

// Encodes DELETE_TOPIC_IN_BROKER (215), for a topic and its messages on a master, and DELETE_TOPIC_IN_NAMESRV (216), for its route.

/*
 * Request fields   topic
 * Response         nothing, also if there is no such topic
 */

export const encodeDeleteTopic = ({ topic }: { topic: string }) => command(215, 'removal of a topic', { topic });

export const encodeDeleteRoute = ({ topic }: { topic: string }) => command(216, 'removal of a topic', { topic });
