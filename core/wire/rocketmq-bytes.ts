// Computes the network and disk bytes of a RocketMQ master per produced message.

import { copiesForConsumers, generationOf, type MessageKind, type RocketmqLoad } from './cluster-load.ts';
import { dledgerCopy, entryBytes } from './dledger.ts';
import {
  counterBytes,
  delayedAcks,
  type Exchange,
  noExchange,
  plus,
  sentAtOnce,
  streamed,
  times,
  timesBoth,
} from './flow.ts';
import { segmentPayload } from './ethernet.ts';
import type { MessageCost } from './message-cost.ts';
import { batchItem, headerSizes } from './rocketmq-headers.ts';

/** Client default (pullBatchSize). Busy consumers fill it; at low rates 1.1 to 1.7 were seen. */
const fullPullMessages = 32;

/** END_TRANSACTION in JSON: sum of its fields with a group of 19 characters; it has no response. */
const endTransaction = 369;

/**
 * Compared with interface counters of RocketMQ 4.9.7 and 5.3.3 in test/integration/byte-oracle.test.ts.
 *
 * ACKs are piggybacked on responses if there are any; pulls are long streams. Sends are framed one by one, since each waits
 * for its response.
 */
export function rocketmqCost(load: RocketmqLoad): MessageCost {
  const { kind = 'plain', client = 'java', compressionRatio = 1, groupBytes } = load;
  const shape = { ...load, generation: generationOf(load), bodyBytes: load.bodyBytes / compressionRatio };
  const records = storedRecords(shape, kind, groupBytes);
  const delivered = records.at(-1) ?? 0;
  const copies = records.map((record) => copy(load, record));
  const followers = load.replicas - 1;
  const producer = sends(load, shape, client);
  return {
    storedMessages: records.length,
    diskBytes: records.reduce(
      (sum, record) => sum + record + indexBytes(shape) + (load.mode === 'dledger' ? entryBytes : 0),
      0,
    ),
    parts: [
      { peer: 'producer', ...producer },
      ...(followers > 0
        ? [
            {
              peer: 'follower' as const,
              in: times(plus(...copies.map((each) => each.in)), followers),
              out: times(plus(...copies.map((each) => each.out)), followers),
            },
          ]
        : []),
      ...(load.groups + (load.broadcastMembers ?? 0) > 0
        ? [{ peer: 'consumer' as const, ...timesBoth(pulls(load, delivered, client), copiesForConsumers(load)) }]
        : []),
    ],
  };
}

function sends(load: RocketmqLoad, shape: MessageShape, client: NonNullable<RocketmqLoad['client']>): Exchange {
  const {
    groupBytes,
    requestsPerWrite = 1,
    answersPerSegment = 1,
    messagesPerRequest = 1,
    keyBytes = 0,
    headerBytes = 0,
    kind = 'plain',
  } = load;
  const { send, sendAnswer, separator } = headerSizes(client, generationOf(load), load);
  const key = keyBytes === 0 ? 0 : 'KEYS'.length + keyBytes;
  const pairs = key + headerBytes + (kind === 'transactional' ? transactionPairs(groupBytes) : 0);
  const separators = (keyBytes === 0 ? 0 : 2) * separator;
  if (messagesPerRequest <= 1) {
    const transaction = kind === 'transactional' ? sentAtOnce(endTransaction) : { payload: 0, frames: 0 };
    return {
      in: plus(inOneWrite(send + pairs + separators + shape.bodyBytes, requestsPerWrite), transaction),
      out: { payload: sendAnswer, frames: 1 / answersPerSegment },
    };
  }
  const item = batchItem.fixed + shape.bodyBytes + batchItem.uniqueKeyProperty + pairs + (keyBytes === 0 ? 0 : 2);
  // A batch has the unique keys in its body; its response has a message id of 32 and a comma for each.
  const request = sentAtOnce(send - batchItem.uniqueKeyProperty + messagesPerRequest * item);
  const answer = sentAtOnce(sendAnswer + 33 * (messagesPerRequest - 1));
  return { in: times(request, 1 / messagesPerRequest), out: times(answer, 1 / messagesPerRequest) };
}

function pulls(load: RocketmqLoad, record: number, client: NonNullable<RocketmqLoad['client']>): Exchange {
  const { messagesPerPull = fullPullMessages } = load;
  const { pull, pullAnswer } = headerSizes(client, generationOf(load), load);
  const request = sentAtOnce(pull);
  const answer = pullAnswer + messagesPerPull * record;
  return {
    in: plus(times(request, 1 / messagesPerPull), delayedAcks(record)),
    // A response under two segments is acknowledged separately.
    out:
      answer < 2 * segmentPayload ? times(sentAtOnce(answer), 1 / messagesPerPull) : streamed(answer / messagesPerPull),
  };
}

const inOneWrite = (bytes: number, count: number) => times(sentAtOnce(count * bytes), 1 / count);

/** Returns the cost of one follower's copy of one record. */
function copy({ mode, pushBatch = 1, messagesPerTransfer }: RocketmqLoad, record: number): Exchange {
  switch (mode) {
    case 'single':
      return noExchange;
    case 'master-slave':
    case 'controller':
      return highAvailabilityCopy(mode, record, messagesPerTransfer);
    case 'dledger':
      return dledgerCopy(record, pushBatch);
  }
}

export interface MasterLoad extends MessageShape {
  /** Followers that keep up with the master. */
  followers: number;
  replication: 'none' | 'ha' | 'dledger';
  /** Messages per DLedger push: 1 unless enableBatchPush; 160 closed-loop senders filled about 5. */
  pushBatch: number;
  /** Consumer groups that keep up with the master; the members of one group share one copy. */
  groups: number;
  /** 32 (pullBatchSize) for busy consumers; at low rates 1.1 to 1.7 were seen. */
  messagesPerPull: number;
}

/** Interface counter bytes per produced message. */
interface PortBytes {
  in: number;
  out: number;
}

const modeOf = { none: 'single', ha: 'master-slave', dledger: 'dledger' } as const;

export const isReplication = (name: string): name is MasterLoad['replication'] => name in modeOf;

/** For Java clients with a group of 19 characters. */
export function masterPortBytes({ followers, replication, ...load }: MasterLoad): PortBytes {
  const { parts } = rocketmqCost({
    ...load,
    broker: 'rocketmq',
    mode: modeOf[replication],
    replicas: followers + 1,
    groupBytes: 19,
  });
  return {
    in: parts.reduce((sum, part) => sum + counterBytes(part.in), 0),
    out: parts.reduce((sum, part) => sum + counterBytes(part.out), 0),
  };
}

/**
 * @returns bytes on the master's disk per message: record, 20 in the consume queue, 20 in the key index;
 * DLedger adds an entry header of 48 and an index of 32 (DLedgerEntryCoder)
 */
export function storedBytes(shape: MessageShape, replication: MasterLoad['replication']): number {
  return storedRecordBytes(shape) + indexBytes(shape) + (replication === 'dledger' ? entryBytes : 0);
}

/*
 * Slave of a fixed master (store: DefaultHAConnection, DefaultHAClient)
 *
 *   master → slave   offset 8 | size 4 | stored records, at most 32,768 (haTransferBatchSize)
 *   slave → master   offset 8, after each transfer it read
 *
 * Replica of a controller's group, RocketMQ 5 (store: AutoSwitchHAConnection, AutoSwitchHAClient)
 *
 *   master → replica   state 4 | size 4 | offset 8 | epoch 4 | start of the epoch 8 | confirmed offset 8 | stored records, at most 32,768
 *   replica → master   state 4 | offset 8, after each transfer it read
 *
 * Header and records are two writes. Consecutive transfers share segments.
 */
const largestTransfer = 32_768;

const protocols = {
  'master-slave': { header: 12, report: 8 },
  controller: { header: 36, report: 12 },
};

/** @param messagesPerTransfer full transfers if unknown, which is the least cost of a copy */
function highAvailabilityCopy(
  mode: keyof typeof protocols,
  recordBytes: number,
  messagesPerTransfer?: number,
): Exchange {
  const { header, report } = protocols[mode];
  const most = largestTransfer / recordBytes;
  if (messagesPerTransfer === undefined || messagesPerTransfer >= most) {
    const share = recordBytes / largestTransfer;
    return {
      out: plus(streamed(recordBytes), { payload: header * share, frames: 0 }),
      in: delayedAcks(recordBytes),
    };
  }
  const records = sentAtOnce(messagesPerTransfer * recordBytes);
  return {
    out: times(plus(sentAtOnce(header), records), 1 / messagesPerTransfer),
    in: times(sentAtOnce(report), 1 / messagesPerTransfer),
  };
}

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
 * Transactional (TransactionalMessageBridge):    stored as a half message in RMQ_SYS_TRANS_HALF_TOPIC, in its topic when it
 *                                                is committed, and marked done in RMQ_SYS_TRANS_OP_HALF_TOPIC
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
  const real = property('REAL_TOPIC', shape.topicBytes) + property('REAL_QID', 1);
  switch (kind) {
    case 'plain':
      return [delivered];
    case 'delayed':
      return [inTopic('SCHEDULE_TOPIC_XXXX', real + property('DELAY', 1)), delivered];
    case 'transactional': {
      const half = inTopic(halfTopic, real + transactionPairs(groupBytes));
      const ticked = fixedRecord + offsetDigits + operationTopic.length + property('TAGS', 1);
      return [half, ticked, delivered + transactionPairs(groupBytes)];
    }
  }
}

const halfTopic = 'RMQ_SYS_TRANS_HALF_TOPIC';
const operationTopic = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
/** The body of the mark is the offset of the half message in decimal digits and a comma. */
const offsetDigits = 8;
export const transactionPairs = (groupBytes: number) => property('TRAN_MSG', 4) + property('PGROUP', groupBytes);

/** Disk bytes beside each record: 20 in the consume queue, and 20 in the key index for the unique key and for each key. */
export const indexBytes = ({ keyBytes = 0 }: MessageShape) => 20 + 20 * (keyBytes === 0 ? 1 : 2);
