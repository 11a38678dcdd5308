// Computes the range of bytes per message if batching is unknown: from full batches to one message at a time.

import { byKind } from '../broker-kind/registry.ts';
import type { ClusterLoad } from './cluster-load.ts';
import { messageCost, type PeerPart } from './message-cost.ts';
import { counterBytes, wireBytes } from './ethernet.ts';

export interface Span {
  low: number;
  high: number;
}

export interface ByteSpan {
  in: Span;
  out: Span;
}

export interface Viewpoint {
  /** `card`: of the master or leader; `cluster`: sum of all brokers' cards, so that a copy also counts on arrival. */
  of: 'card' | 'cluster';
  /** `counter`: as interfaces count; `wire`: plus the 24 bytes per frame that they omit. */
  as: 'counter' | 'wire';
}

/** @param loads one, or all possible ones */
export function expectedBytes(loads: ClusterLoad | readonly ClusterLoad[], viewpoint: Viewpoint): ByteSpan {
  const ends = [loads].flat().flatMap((load) => [load, emptiest(load)]);
  const all = ends.map((load) => bytesOf(messageCost(load).parts, viewpoint));
  const span = (direction: 'in' | 'out'): Span => ({
    low: Math.min(...all.map((bytes) => bytes[direction])),
    high: Math.max(...all.map((bytes) => bytes[direction])),
  });
  return { in: span('in'), out: span('out') };
}

/** Keeps known values; unknown ones become one message at a time. */
export const emptiest = (load: ClusterLoad): ClusterLoad =>
  byKind<ClusterLoad, ClusterLoad>(load, {
    kafka(of) {
      const batch = of.recordsPerBatch ?? of.messagesPerRequest ?? 1;
      return { recordsPerBatch: batch, messagesPerPull: of.fewestPerPull ?? batch, messagesPerTransfer: batch, ...of };
    },
    rocketmq(of) {
      const transfer = of.mode === 'dledger' ? {} : { messagesPerTransfer: 1 };
      return { messagesPerPull: of.fewestPerPull ?? 1, ...transfer, ...of };
    },
  });

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
