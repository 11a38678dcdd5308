// Computes the length of a message in a RocketMQ commit log, and how often it is stored before a consumer sees it.

import type { MessageKind, RocketmqClient } from './cluster-load.ts';

/*
 * Stored record (Apache RocketMQ 4.x and 5.x, store: MessageExtEncoder; IPv4):
 *
 *   91 fixed | body | topic | properties
 *   properties  UNIQ_KEY 0x01 <32 hex> [0x02 KEYS 0x01 <key>] [0x02 <of the user>] [0x02 CLUSTER 0x01 <cluster name>]
 *               since 5.0 also MSG_REGION 0x01 DefaultRegion 0x02 TRACE_ON 0x01 true (AbstractSendMessageProcessor)
 *
 * A topic over 127 bytes has a length of two bytes. WAIT=true travels with the request and is not stored.
 *
 * Delayed by a level (ScheduleMessageService):   stored in SCHEDULE_TOPIC_XXXX, and in its topic when it is due
 * Delayed until a time (TimerMessageStore):      stored in rmq_sys_wheel_timer, and in its topic when it is due
 * Transactional (TransactionalMessageBridge):    stored as a half message in RMQ_SYS_TRANS_HALF_TOPIC, in its topic when it
 *                                                is committed, and marked done in RMQ_SYS_TRANS_OP_HALF_TOPIC
 *
 * A delivered message keeps the properties of its delay: brokers encode them before they remove any.
 */
const fixedRecord = 91;
const uniqueKeyProperty = 'UNIQ_KEY'.length + 1 + 32;
const longTopic = 127;
const property = (name: string, valueBytes: number) => name.length + 1 + valueBytes + 1;

export interface MessageShape {
  bodyBytes: number;
  topicBytes: number;
  /** Absent for early 4.x brokers, which do not store the name. */
  clusterNameBytes?: number;
  keyBytes?: number;
  headerBytes?: number;
  generation?: 4 | 5;
}

/** @returns bytes of one record in the commit log: 665 for a body of 500, a topic of 10 and a cluster name of 14 */
export function storedRecordBytes(shape: MessageShape): number {
  const { bodyBytes, topicBytes, clusterNameBytes, keyBytes = 0, headerBytes = 0, generation = 4 } = shape;
  const region = generation === 5 ? property('MSG_REGION', 'DefaultRegion'.length) + property('TRACE_ON', 4) : 0;
  const cluster = clusterNameBytes === undefined ? 0 : property('CLUSTER', clusterNameBytes) - 1;
  const key = keyBytes === 0 ? 0 : property('KEYS', keyBytes);
  const properties = uniqueKeyProperty + 1 + key + headerBytes + region + cluster;
  // The last pair has no separator if the broker joins the pairs again; a record without CLUSTER ends with the unique key.
  const ends = clusterNameBytes === undefined ? 1 : 0;
  return fixedRecord + bodyBytes + topicBytes + (topicBytes > longTopic ? 1 : 0) + properties - ends;
}

/** Records per business message in the master's commit log, which followers copy; consumers read the last one. */
export function storedRecords(shape: MessageShape, kind: MessageKind, groupBytes: number): number[] {
  const delivered = storedRecordBytes(shape);
  const inTopic = (topic: string, extra: number) => delivered - shape.topicBytes + topic.length + extra;
  const pairs = property('REAL_TOPIC', shape.topicBytes) + property('REAL_QID', 1) + kindPairs(kind, groupBytes);
  switch (kind) {
    case 'plain':
      return [delivered];
    case 'delayed':
      return [inTopic('SCHEDULE_TOPIC_XXXX', pairs), delivered + pairs];
    case 'timer': {
      const kept = pairs + property('TIMER_OUT_MS', 13);
      const passed = property('TIMER_ENQUEUE_MS', 13) + property('TIMER_DEQUEUE_MS', 13);
      return [inTopic('rmq_sys_wheel_timer', kept), delivered + kept + passed];
    }
    case 'transactional': {
      const ticked = fixedRecord + offsetDigits + operationTopic.length + property('TAGS', 1);
      return [inTopic(halfTopic, pairs), ticked, delivered + kindPairs(kind, groupBytes)];
    }
  }
}

/** @returns bytes of the properties that a producer adds */
export const kindPairs = (kind: MessageKind, groupBytes: number): number =>
  ({
    plain: 0,
    delayed: property('DELAY', 1),
    timer: property('TIMER_DELIVER_MS', 13),
    transactional: property('TRAN_MSG', 4) + property('PGROUP', groupBytes),
  })[kind];

const halfTopic = 'RMQ_SYS_TRANS_HALF_TOPIC';
const operationTopic = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
/** The body of the mark is the offset of the half message in decimal digits and a comma. */
const offsetDigits = 8;

/** Disk bytes beside each record: 20 in the consume queue, and 20 in the key index for the unique key and for each key. */
export const indexBytes = ({ keyBytes = 0 }: MessageShape) => 20 + 20 * (keyBytes === 0 ? 1 : 2);

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
