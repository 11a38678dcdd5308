// Encodes GET_ALL_TOPIC_CONFIG (21) and parses the definitions of the topics of a broker.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { dataVersionOf } from './data-version.ts';
import type { LooseObject } from './loose-json.ts';
import { pageOf, type Page, type PageRows } from './read-pages.ts';

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
