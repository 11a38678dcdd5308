// Computes the cost of one message at the master or leader: bytes in, bytes out, bytes on disk.

import { byKind } from '../broker-kind/registry.ts';
import { modes, type ClusterLoad } from './cluster-load.ts';
import { counterBytes, wireBytes, type Exchange } from './flow.ts';
import { kafkaCost } from './kafka-bytes.ts';
import { rocketmqCost } from './rocketmq-bytes.ts';

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
