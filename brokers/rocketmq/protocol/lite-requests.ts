// Requests about the lite topics of a topic (5.5): how many there are, and what a group has not consumed in them.

import type { LiteLag } from '../details.ts';
import { answeredObject, type Response, typedRequest } from './frame.ts';

// Encodes GET_LITE_GROUP_INFO (200078).

/*
 * Each lite topic has one queue, named %LMQ%$<topic>$<lite topic>; groups commit offsets under this name.
 *
 * Request fields   group  string
 *                  topK   int32 as decimal text: lite topics to list, those with the most messages first
 * Response body    {"parentTopic":string,"totalLagCount":int64,
 *                      "lagCountTopK":[{"earliestUnconsumedTimestamp":int64 ms,"lagCount":int64,"liteTopic":string},…],…}
 *                    counts only lite topics where the group has committed
 * Response code    29 for a group that is not bound to a topic (lite.bind.topic)
 */

/** @param parent if given, whether it is a lite topic of this topic */
export const isLiteTopic = (topic: string, parent?: string) =>
  topic.startsWith(parent === undefined ? '%LMQ%$' : `%LMQ%$${parent}$`);

const liteSuffix = ' (lite topics)';

/** Names of topics contain no `$`. */
export const parentOfLite = (topic: string) => `${topic.split('$')[1]}${liteSuffix}`;

export const isLiteParent = (name: string) => name.endsWith(liteSuffix);

const listed = 100;

/** @param now for the age of the messages */
export const encodeGetLiteGroupInfo = (group: string, now: Date) =>
  typedRequest(200078, { group, topK: String(listed) }, (response) => parseGetLiteGroupInfo(response, group, now));

/** @throws AppError broker-refused, answer-unreadable */
function parseGetLiteGroupInfo(response: Response, group: string, now: Date): LiteLag {
  const body = answeredObject(response, 'lite topics of a group (200078)');
  const times = body.rows('lagCountTopK').flatMap((row) => row.number('earliestUnconsumedTimestamp') ?? []);
  const oldestAtMs = Math.min(...times.filter((atMs) => atMs > 0));
  const [topic = '', messages = 0] = [body.text('parentTopic'), body.number('totalLagCount')];
  if (messages === 0) return { group, topic, messages, seconds: 0 };
  const seconds = Math.max(0, (now.getTime() - oldestAtMs) / 1000);
  return { group, topic, messages, ...(oldestAtMs < Infinity && { seconds }) };
}

// Encodes GET_PARENT_TOPIC_INFO (200075).

/*
 * Request fields   topic  string
 * Response body    {"topic":string,"ttl":int minutes,"lmqNum":int,"liteTopicCount":int,"groups":[string,…]}
 *                    liteTopicCount   lite topics with messages, which may have expired
 *                    groups           bound to the topic (lite.bind.topic), whether or not they have committed
 */

/** @param topic of type LITE */
export const encodeGetParentTopicInfo = (topic: string) =>
  typedRequest(200075, { topic }, (response) => {
    const body = answeredObject(response, 'lite topics of a topic (200075)');
    return { liteTopics: body.number('liteTopicCount') ?? 0, groups: body.texts('groups') };
  });
