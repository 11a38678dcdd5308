// How many bytes does one produced message move through the card of a RocketMQ master, and onto its disk?

import { delayedAcks, framed, segmentHeaders, segmentPayload, streamed } from './ethernet.ts';

/*
 * Stored record (Apache RocketMQ 4.x, store: MessageExtEncoder / CommitLog, IPv4):
 *
 *   91 fixed | body | topic | properties
 *   properties  UNIQ_KEY 0x01 <32 hex> [0x02 CLUSTER 0x01 <cluster name>]; WAIT=true travels with the request and is not stored
 *
 * Requests and responses (remoting: RemotingCommand, JSON headers, the default):
 *
 *   length 4 | header length and kind 4 | header | body
 *   header  352 send (SendMessageRequestHeaderV2), 243 its response, 399 pull, 234 its response with the framing
 *
 * Copies:
 *
 *   HA       (DefaultHAConnection)  12 per block of 32 KiB | stored records
 *   DLedger  (DLedgerRpcNettyService, PushEntryRequest, fastjson)  { … "entries": [ { …, "body": "<base64 of the record>" }, … ] }
 *            117 per entry and 4 for 3 of the record; 377 per request (279 envelope, 98 remoting); 215 the answer
 *
 * Header sizes are those of a topic of 10 and a group of 19 characters. Sums of this file were held against interface
 * counters of RocketMQ 4.9.7 (single, HA, DLedger with and without batched push): within 3 % at high load.
 */
const fixedRecord = 91;
const uniqueKeyProperty = 'UNIQ_KEY'.length + 1 + 32;
const clusterProperty = 1 + 'CLUSTER'.length + 1;
const framing = 8;
const sendHeader = 352;
const sendResponse = 251;
const pullRequest = 407;
const pullResponse = 234;
const haBlock = { bytes: 32_768, header: 12 };
const push = { perEntry: 117, perRequest: 377, response: 215 };

export interface MessageShape {
  bodyBytes: number;
  topicBytes: number;
  /** Absent for early 4.x brokers, which do not store the name. */
  clusterNameBytes?: number;
}

export interface MasterLoad extends MessageShape {
  /** Followers the master really feeds while this message goes through. */
  followers: number;
  replication: 'none' | 'ha' | 'dledger';
  /** Messages per DLedger push: 1 unless enableBatchPush; 160 closed-loop senders were seen to fill about 5. */
  pushBatch: number;
  /** Consumer groups the master really serves; the members of one group share one copy. */
  groups: number;
  /** 32 (pullBatchSize) when consumers are busy; 1.1 to 1.7 were seen at low rates. */
  messagesPerPull: number;
}

/** Interface counter bytes per produced message. */
export interface PortBytes {
  in: number;
  out: number;
}

/** @returns bytes of one record in the commit log: 662 for a body of 500, a topic of 10 and a cluster name of 11 */
export function storedRecordBytes({ bodyBytes, topicBytes, clusterNameBytes }: MessageShape): number {
  const cluster = clusterNameBytes === undefined ? 0 : clusterProperty + clusterNameBytes;
  return fixedRecord + bodyBytes + topicBytes + uniqueKeyProperty + cluster;
}

/**
 * @returns bytes on the master's disk per message: record, 20 in the consume queue, 20 in the key index;
 * DLedger adds an entry header of 48 and an index of 32 (DLedgerEntryCoder)
 */
export function storedBytes(shape: MessageShape, replication: MasterLoad['replication']): number {
  return storedRecordBytes(shape) + 20 + 20 + (replication === 'dledger' ? 48 + 32 : 0);
}

/**
 * Sends are framed one by one, since each waits for its answer; replication by HA and pulls are long streams.
 * Acknowledgements ride on answers where there is one.
 */
export function masterPortBytes(load: MasterLoad): PortBytes {
  const record = storedRecordBytes(load);
  const copy = copyBytes(load, record);
  const pulled = record + pullResponse / load.messagesPerPull;
  return {
    in:
      framed(framing + sendHeader + load.bodyBytes) +
      load.followers * copy.in +
      load.groups * ((pullRequest + segmentHeaders) / load.messagesPerPull + delayedAcks(record)),
    out: framed(sendResponse) + load.followers * copy.out + load.groups * streamed(pulled),
  };
}

/** One follower's copy: what leaves the master for it, and what comes back. */
function copyBytes({ replication, pushBatch }: MasterLoad, record: number): PortBytes {
  switch (replication) {
    case 'none':
      return { in: 0, out: 0 };
    case 'ha':
      return { in: delayedAcks(record), out: streamed(record) + (haBlock.header * record) / haBlock.bytes };
    case 'dledger': {
      const base64 = 4 * Math.ceil(record / 3);
      const entry = push.perEntry + base64 + push.perRequest / pushBatch;
      const segments = Math.ceil((pushBatch * entry) / segmentPayload) / pushBatch;
      return { in: framed(push.response) / pushBatch, out: entry + segmentHeaders * segments };
    }
  }
}
