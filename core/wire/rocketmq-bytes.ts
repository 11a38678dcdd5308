// Computes the network and disk bytes of a RocketMQ master per produced message.

import { copiesForConsumers, generationOf, type RocketmqLoad } from './cluster-load.ts';
import type { MessageCost } from './message-cost.ts';
import {
  segmentPayload,
  counterBytes,
  delayedAcks,
  type Exchange,
  noExchange,
  plus,
  sentAtOnce,
  streamed,
  times,
  timesBoth,
} from './ethernet.ts';
import {
  batchItem,
  headerSizes,
  indexBytes,
  kindPairs,
  type MessageShape,
  storedRecordBytes,
  storedRecords,
} from './rocketmq-record.ts';

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
  const pairs = key + headerBytes + kindPairs(kind, groupBytes);
  const separators = (keyBytes === 0 ? 0 : 2) * separator;
  if (messagesPerRequest <= 1) {
    const transaction = kind === 'transactional' ? sentAtOnce(endTransaction) : { payload: 0, frames: 0 };
    return {
      in: plus(inOneWrite(send + pairs + separators + shape.bodyBytes, requestsPerWrite), transaction),
      out: { payload: sendAnswer + (kind === 'timer' ? recallHandle(load) : 0), frames: 1 / answersPerSegment },
    };
  }
  const item = batchItem.fixed + shape.bodyBytes + batchItem.uniqueKeyProperty + pairs + (keyBytes === 0 ? 0 : 2);
  // A batch has the unique keys in its body; its response has a message id of 32 and a comma for each.
  const request = sentAtOnce(send - batchItem.uniqueKeyProperty + messagesPerRequest * item);
  const answer = sentAtOnce(sendAnswer + 33 * (messagesPerRequest - 1));
  return { in: times(request, 1 / messagesPerRequest), out: times(answer, 1 / messagesPerRequest) };
}

/** Since 5.3.2, in base64: v1, topic, broker name of 8, time of 13 and unique key of 32, with spaces between. */
const recallHandle = ({ topicBytes }: RocketmqLoad) =>
  '"recallHandle":"",'.length + 4 * Math.ceil((59 + topicBytes) / 3);

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
 * Push (DLedgerRpcNettyService, PushEntryRequest as JSON in the body of a remoting command):
 *
 *   leader → follower   remoting frame 98 | envelope 279 { … "entries": [
 *                         { 117 of names and numbers …, "body": "<base64 of the record>" }, … ] }
 *   follower → leader   response of 215
 *
 * base64 encodes 3 bytes as 4. By default a push has one entry (enableBatchPush false); otherwise it has all pending entries.
 */
const perEntry = 117;
const perPush = 279 + 98;
const answer = 215;
/** Disk bytes per entry: header (DLedgerEntryCoder) and index entry. */
const entryBytes = 48 + 32;

export const base64Bytes = (bytes: number) => 4 * Math.ceil(bytes / 3);

function dledgerCopy(recordBytes: number, pushBatch: number): Exchange {
  const push = perPush + pushBatch * (perEntry + base64Bytes(recordBytes));
  return { out: times(sentAtOnce(push), 1 / pushBatch), in: times(sentAtOnce(answer), 1 / pushBatch) };
}
