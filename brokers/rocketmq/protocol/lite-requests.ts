// Encodes GET_LITE_GROUP_INFO (200078) of 5.5, which counts what a group has not consumed in the lite topics of a topic.

import { answeredObject, type Response, typedRequest } from './frame.ts';

/*
 * A lite topic is a queue of its own, %LMQ%$<topic>$<lite topic>; groups commit in it under this name.
 *
 * Request fields   group  string
 *                  topK   int32 as decimal text: lite topics to list, those with the most messages first
 * Response body    {"parentTopic":string,"totalLagCount":int64,
 *                      "lagCountTopK":[{"earliestUnconsumedTimestamp":int64 ms,"lagCount":int64,"liteTopic":string},…],…}
 * Response code    29 for a group that is not bound to a topic (lite.bind.topic)
 */

export const isLiteTopic = (topic: string) => topic.startsWith('%LMQ%$');

const listed = 100;

export const encodeGetLiteGroupInfo = (group: string) =>
  typedRequest(200078, { group, topK: String(listed) }, parseGetLiteGroupInfo);

/** @throws AppError broker-refused, answer-unreadable */
function parseGetLiteGroupInfo(response: Response) {
  const body = answeredObject(response, 'lite topics of a group (200078)');
  const times = body.rows('lagCountTopK').flatMap((row) => row.number('earliestUnconsumedTimestamp') ?? []);
  return {
    topic: body.text('parentTopic') ?? '',
    messages: body.number('totalLagCount') ?? 0,
    /** Store times of the lite topics with the most messages. */
    oldestStoredAtMs: times.filter((atMs) => atMs > 0),
  };
}

/** @returns its lag in messages, and the age of the oldest; without the age if it is unknown */
export function liteLagOf({ topic, messages, oldestStoredAtMs }: ReturnType<typeof parseGetLiteGroupInfo>, now: Date) {
  if (messages === 0) return { topic, messages, seconds: 0 };
  const [oldest = Infinity] = oldestStoredAtMs.toSorted((a, b) => a - b);
  return { topic, messages, ...(oldest < Infinity && { seconds: Math.max(0, (now.getTime() - oldest) / 1000) }) };
}
