// Encodes UPDATE_AND_CREATE_TOPIC (17), which creates or changes a topic on a master.

import type { TopicDefinition } from './get-all-topic-config.ts';
import { command } from './frame.ts';

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
