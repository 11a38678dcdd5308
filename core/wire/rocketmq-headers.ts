// Computes the length of the headers around a RocketMQ message per kind of client.

import type { RocketmqClient } from './cluster-load.ts';

/*
 * Frame (remoting: RemotingCommand)    length 4 | header length and kind 4 | header | body
 *
 * java             JSON, the default of clients up to 5.x: {"code":310,"extFields":{"a":"<group>","b":"<topic>",…},…}
 * java-binary      rocketmq.serialize.type=ROCKETMQ: 21 fixed | each field: name length 2, name, value length 4, value
 * plimsoll         sends binary, pulls in JSON; its sends name the topic twice
 * plimsoll-signed  on clusters with ACL: the same fields, AccessKey and Signature, all in JSON
 *
 * Sends are SEND_MESSAGE_V2 with one-letter field names. Several messages of a request are SEND_BATCH_MESSAGE, whose body is
 *
 *   each message: 22 fixed | body | properties    (MessageDecoder.encodeMessage)
 *
 * 4.x responds to a binary request in binary, 5.x in JSON. Since 5.0 the response to a send has a transactionId of 32, and that to a
 * pull offsetDelta, topicSysFlag, groupSysFlag and forbiddenType.
 *
 * Sizes are for a topic of 10 and a group of 19 characters. Those of `plimsoll` were measured on 4.9.7 and 5.3.3
 * (test/integration/byte-oracle.test.ts); those of `java-binary` and `plimsoll-signed` are sums of the fields, with an
 * access key of 12 characters.
 */
interface HeaderSizes {
  /** Whole frames; a send without body and without properties other than the unique key. */
  send: number;
  sendAnswer: number;
  pull: number;
  pullAnswer: number;
  /** Size of a separator within properties: JSON escapes it as six characters. */
  separator: number;
  /** Occurrences of the topic name in a send. */
  topicTimes: number;
}

const since5 = { sendAnswer: 298, pullAnswer: 288 };
const requests: Record<RocketmqClient, Omit<HeaderSizes, 'sendAnswer' | 'pullAnswer'>> = {
  java: { send: 360, pull: 407, separator: 6, topicTimes: 1 },
  'java-binary': { send: 229, pull: 283, separator: 1, topicTimes: 1 },
  plimsoll: { send: 222, pull: 407, separator: 1, topicTimes: 2 },
  'plimsoll-signed': { send: 399, pull: 477, separator: 6, topicTimes: 2 },
};
const answersOf4: Record<RocketmqClient, Pick<HeaderSizes, 'sendAnswer' | 'pullAnswer'>> = {
  java: { sendAnswer: 251, pullAnswer: 234 },
  'java-binary': { sendAnswer: 152, pullAnswer: 120 },
  plimsoll: { sendAnswer: 152, pullAnswer: 234 },
  'plimsoll-signed': { sendAnswer: 251, pullAnswer: 234 },
};

/** Names of typical length, which matters little (docs/explanation/bytes.md). */
export const usualNames = { topicBytes: 10, groupBytes: 19 };
export const batchItem = { fixed: 22, uniqueKeyProperty: 42 };

export function headerSizes(
  client: RocketmqClient,
  generation: 4 | 5,
  { topicBytes, groupBytes }: { topicBytes: number; groupBytes: number },
): HeaderSizes {
  const sizes = { ...requests[client], ...(generation === 5 ? since5 : answersOf4[client]) };
  const names = groupBytes - usualNames.groupBytes;
  return {
    ...sizes,
    send: sizes.send + names + sizes.topicTimes * (topicBytes - usualNames.topicBytes),
    pull: sizes.pull + names + topicBytes - usualNames.topicBytes,
  };
}
