// Between which bytes per message must a cluster lie whose batching is not known? From full batches down to one message at a time.

import { copiesForConsumers, type ClusterLoad } from './cluster-load.ts';
import { counterBytes, wireBytes, type Flow } from './flow.ts';
import { messageCost, type PeerPart } from './message-cost.ts';

export interface Span {
  low: number;
  high: number;
}

export interface ByteSpan {
  in: Span;
  out: Span;
}

export interface Viewpoint {
  /** `card`: of the master or leader; `cluster`: the cards of all brokers added up, so that a copy counts where it arrives, too. */
  of: 'card' | 'cluster';
  /** `counter`: as interfaces count; `wire`: with the 24 bytes a frame they leave out. */
  as: 'counter' | 'wire';
  /** Where requests come too seldom for acknowledgements to ride on, upper ends count a bare one for each of the clients' and its answer. */
  acknowledgements?: 'bare';
}

export function expectedBytes(load: ClusterLoad, viewpoint: Viewpoint): ByteSpan {
  const least = emptiest(load);
  const { parts } = messageCost(least);
  const high = viewpoint.acknowledgements === 'bare' ? parts.map((part) => acknowledged(part, least)) : parts;
  const both = [messageCost(load).parts, high].map((each) => bytesOf(each, viewpoint));
  const span = (direction: 'in' | 'out'): Span => ({
    low: Math.min(...both.map((bytes) => bytes[direction])),
    high: Math.max(...both.map((bytes) => bytes[direction])),
  });
  return { in: span('in'), out: span('out') };
}

/** What is known stays; what is not is one message at a time. */
function emptiest(load: ClusterLoad): ClusterLoad {
  const { fewestPerPull } = load;
  if (load.broker === 'rocketmq') {
    const transfer = load.mode === 'dledger' ? {} : { messagesPerTransfer: 1 };
    return { messagesPerPull: fewestPerPull ?? 1, ...transfer, ...load };
  }
  const batch = load.recordsPerBatch ?? load.messagesPerRequest ?? 1;
  return { recordsPerBatch: batch, messagesPerPull: fewestPerPull ?? batch, messagesPerTransfer: batch, ...load };
}

/** Kafka 3.9 without linger, 400 messages a second: 3.9 segments out and 2.9 in a message, of which two each carried data. */
function acknowledged(part: PeerPart, load: ClusterLoad): PeerPart {
  const requests = requestsPerMessage(part.peer, load);
  const more = (flow: Flow): Flow => ({ payload: flow.payload, frames: flow.frames + requests });
  return { peer: part.peer, in: more(part.in), out: more(part.out) };
}

/** Followers ask again and again: theirs ride. */
function requestsPerMessage(peer: PeerPart['peer'], load: ClusterLoad): number {
  const { messagesPerPull = 1 } = load;
  const perRequest = load.messagesPerRequest ?? (load.broker === 'kafka' ? load.recordsPerBatch : undefined) ?? 1;
  switch (peer) {
    case 'producer':
      return 1 / perRequest;
    case 'consumer':
      return copiesForConsumers(load) / messagesPerPull;
    case 'follower':
      return 0;
  }
}

function bytesOf(parts: readonly PeerPart[], { of, as }: Viewpoint): { in: number; out: number } {
  const bytes = as === 'wire' ? wireBytes : counterBytes;
  const sum = { in: 0, out: 0 };
  for (const part of parts) {
    sum.in += bytes(part.in);
    sum.out += bytes(part.out);
    if (of === 'card' || part.peer !== 'follower') continue;
    sum.in += bytes(part.out);
    sum.out += bytes(part.in);
  }
  return sum;
}
