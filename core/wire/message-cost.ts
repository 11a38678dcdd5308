// Computes the cost of one message at the master or leader: bytes in, bytes out, bytes on disk.

import { byKind } from '../broker-kind/registry.ts';
import { modes, type ClusterLoad, copiesForConsumers, type KafkaLoad } from './cluster-load.ts';
import { rocketmqCost } from './rocketmq-bytes.ts';
import { fullBatchRecords, recordBatchBytes, unsignedVarintBytes } from './record-batch-bytes.ts';
import {
  segmentPayload,
  type Flow,
  counterBytes,
  wireBytes,
  sentAtOnce,
  streamed,
  sparseAcks,
  plus,
  times,
  type Exchange,
  timesBoth,
} from './ethernet.ts';

export type PeerKind = 'producer' | 'follower' | 'consumer';

/** All peers of a kind together, at the card of the master or leader. */
export interface PeerPart extends Exchange {
  peer: PeerKind;
}

export interface MessageCost {
  parts: readonly PeerPart[];
  /** Bytes that the master or leader writes. */
  diskBytes: number;
  /** Records in its log per sent message: more than one if the broker first stores it elsewhere. */
  storedMessages: number;
}

export const messageCost = (load: ClusterLoad): MessageCost =>
  byKind<ClusterLoad, MessageCost>(load, { kafka: kafkaCost, rocketmq: rocketmqCost });

export interface DirectionBytes {
  in: number;
  out: number;
}

/** @returns interface counter bytes per message, summed over peers */
export function cardBytes({ parts }: MessageCost, ...peers: readonly PeerKind[]): DirectionBytes {
  return summed(parts, peers, counterBytes);
}

/** As cardBytes, plus the 24 bytes of wire time per frame that no counter includes. */
export function lineBytes({ parts }: MessageCost, ...peers: readonly PeerKind[]): DirectionBytes {
  return summed(parts, peers, wireBytes);
}

function summed(parts: readonly PeerPart[], peers: readonly PeerKind[], bytesOf: typeof counterBytes): DirectionBytes {
  const chosen = parts.filter(({ peer }) => peers.length === 0 || peers.includes(peer));
  return {
    in: chosen.reduce((sum, part) => sum + bytesOf(part.in), 0),
    out: chosen.reduce((sum, part) => sum + bytesOf(part.out), 0),
  };
}

export const isModeOf = (broker: keyof typeof modes, mode: string): boolean =>
  (modes[broker] as readonly string[]).includes(mode);

/*
 * Every request   length 4 | api key 2 | version 2 | correlation 4 | client id 2 and its text | tags 1
 * Every answer    length 4 | correlation 4 | tags 1
 *
 * Produce 9       transactional id 1 | acks 2 | timeout 4 | topics 1: name 1 + t | partitions 1: [ index 4 | length varint | batch
 *                 | tags 1 ] | tags 1 | tags 1
 *     answer      topics 1: name 1 + t | partitions 1: [ index 4 | error 2 | offset 8 | append time 8 | log start 8 | errors 1
 *                 | message 1 | tags 1 ] | tags 1 | throttle 4 | tags 1
 * Fetch 12        replica 4 | wait 4 | least 4 | most 4 | isolation 1 | session 4 | epoch 4 | topics 1: name 1 + t | partitions 1:
 *                 [ index 4 | leader epoch 4 | offset 8 | last epoch 4 | log start 8 | most 4 | tags 1 ] | tags 1 | forgotten 1
 *                 | rack 1 | tags 1
 *     answer      throttle 4 | error 2 | session 4 | topics 1: name 1 + t | partitions 1: [ index 4 | error 2 | high watermark 8
 *                 | stable 8 | log start 8 | aborted 1 | preferred 4 | length varint | batches | tags 1 ] | tags 1 | tags 1
 *
 * Sizes are for fetches with data of one partition. Later versions identify the topic by an id of 16 bytes.
 * Followers fetch as consumers do; fetch sessions (KIP-227) omit unchanged partitions.
 */
const request = 4 + 2 + 2 + 4 + 2 + 1;
const answer = 4 + 4 + 1;
/** Typical client ids: `producer-1`, `consumer-billing-1`, `broker-1-fetcher-0`. */
const clientId = 16;
/**
 * A response is three writes: the header, the records from the log file, and the trailer. Each was seen in a separate segment, the
 * first two with a bare ACK (2.8.2 and 4.3.1, 50 to 200 messages a second, each fetched alone).
 */
const writesOfAnswer = 3;
/** max.partition.fetch.bytes and replica.fetch.max.bytes, 1 MiB unless set. */
const fullFetch = 2 ** 20;

/** Computes the network and disk bytes of a Kafka leader per produced message. */
function kafkaCost(load: KafkaLoad): MessageCost {
  const { compressionRatio = 1, topicBytes, batchesPerRequest = 1 } = load;
  const recordsPerBatch = load.recordsPerBatch ?? load.messagesPerRequest ?? fullBatchRecords(load, compressionRatio);
  const batch = recordBatchBytes(load, recordsPerBatch, compressionRatio);
  const message = batch / recordsPerBatch;
  const length = unsignedVarintBytes(Math.round(batch));
  const records = recordsPerBatch * batchesPerRequest;
  const followers = load.replicas - 1;
  const produced = request + clientId + 13 + topicBytes + batchesPerRequest * (5 + length + batch);
  const acknowledged = answer + 9 + topicBytes + batchesPerRequest * 33;
  const fetched = (messagesPerFetch: number | undefined): Exchange => {
    const messages = messagesPerFetch ?? Math.max(1, fullFetch / message);
    const fetchBytes = request + clientId + 32 + topicBytes + 33;
    const given = answer + 15 + topicBytes + 36 + length + messages * message;
    const answered = given < 2 * segmentPayload ? times(sentAtOnce(given), 1 / messages) : streamed(given / messages);
    const frames = (count: number): Flow => ({ payload: 0, frames: count / messages });
    return {
      in: plus(times(sentAtOnce(fetchBytes), 1 / messages), sparseAcks(message), frames(1)),
      out: plus(answered, frames(writesOfAnswer - 1)),
    };
  };
  return {
    storedMessages: 1,
    diskBytes: message,
    parts: [
      {
        peer: 'producer',
        in: times(sentAtOnce(produced), 1 / records),
        out: plus(times(sentAtOnce(acknowledged), 1 / records), sparseAcks(produced / records)),
      },
      ...(followers > 0
        ? [{ peer: 'follower' as const, ...timesBoth(fetched(load.messagesPerTransfer), followers) }]
        : []),
      ...(load.groups + (load.broadcastMembers ?? 0) > 0
        ? [{ peer: 'consumer' as const, ...timesBoth(fetched(load.messagesPerPull), copiesForConsumers(load)) }]
        : []),
    ],
  };
}
