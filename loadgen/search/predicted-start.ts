// Predicts the start rate of a search from known limits of cluster and workload, with an explanation.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { BitsPerSecond, Bytes, MessagesPerSecond } from '../../core/units.ts';
import { fullFrameOverhead } from '../../core/wire/ethernet.ts';
import { roundDown } from './rate-grid.ts';
import type { SearchKind } from './search-options.ts';
import { bitRateText, percentText, pluralText, quantityText, rateText } from '../../core/text/quantity-text.ts';

export interface StartFacts {
  broker: BrokerKind;
  brokers: number;
  /** Of the value of a message, mean. */
  messageBytes: Bytes;
  /** Size on the wire over size of the value, below 1 where batches are compressed. */
  compressedShare: number;
  /** Copies of each message, the first included. */
  copies: number;
  /** Consumer groups, each of which reads every message. */
  groups: number;
  /** Of the slowest broker; absent where it is not known. */
  linkBitsPerSecond?: BitsPerSecond;
  partitions?: number;
  /** What a quota or the cluster's `loadTest` block allows. */
  allowed: readonly { what: string; rate: MessagesPerSecond }[];
}

/** Shaped and physical links carry 0.93 to 0.998 of their rate at saturation (the analysis policy). */
const usableShare = 0.95;
/** A partition's log is written by one thread at a time: far above what one takes, and only there to bound tiny topics. */
const partitionRate = 100_000;
/** Without a known link: below what a single broker of two cores carries at 500 bytes. */
const unknownLimit = 10_000;

/** @returns bytes that a message of so many in value and key takes on an Ethernet link, with its share of frames */
export const wireBytes = (messageBytes: number, broker: BrokerKind) =>
  (messageBytes + traitsOf(broker).bytes.sentOverhead) * fullFrameOverhead;

/** Of the predicted limit. find-max gallops up from half of it: predictions are wrong by a factor of two. */
const shares: Record<SearchKind, number> = { 'find-safe': 0.1, 'find-max': 0.5 };

/**
 * Bytes of a message on the wire cross a broker's link, per direction, where each of n brokers leads an equal share:
 *
 *     in    value + header, from producers (1/n) and from leaders (copies − 1)/n    = wire · copies / n
 *     out   to followers (copies − 1)/n and to consumers groups/n                   = wire · (copies − 1 + groups) / n
 */
export function predictStart(search: SearchKind, facts: StartFacts) {
  const limits = [...limitsOf(facts)].toSorted((a, b) => a.rate - b.rate);
  const [lowest] = limits;
  const limit = roundDown(lowest?.rate ?? unknownLimit);
  const start = roundDown(limit * shares[search]);
  const first = `${search} begins at ${rateText(start)}, ${percentText(shares[search])} of the lowest`;
  return {
    /** Where the first limit is expected; never a claim, only where to look. */
    limit,
    start,
    /** One line for each limit that was computed, the lowest first, and one for the start. */
    explanation: [...limits.map(({ why, rate }) => `${rateText(roundDown(rate))}: ${why}`), first],
  };
}

function* limitsOf(facts: StartFacts): Iterable<{ rate: number; why: string }> {
  const { broker, brokers, messageBytes, copies, groups, linkBitsPerSecond, partitions } = facts;
  if (linkBitsPerSecond !== undefined) {
    const wire = wireBytes(messageBytes * facts.compressedShare, broker);
    const link = (linkBitsPerSecond / 8) * usableShare * brokers;
    const speed = `${brokers} × ${bitRateText(linkBitsPerSecond)}`;
    const bytes = `${quantityText(wire)} bytes on the wire`;
    yield {
      rate: link / (wire * copies),
      why: `network-in of ${speed}: ${bytes}, ${pluralText(copies, 'copy', 'copies')}`,
    };
    const out = copies - 1 + groups;
    const reads = `${copies - 1} to followers and ${groups} to groups`;
    if (out > 0) yield { rate: link / (wire * out), why: `network-out of ${speed}: ${bytes}, ${reads}` };
  } else {
    yield { rate: unknownLimit * brokers, why: `link speeds unknown: assumed ${rateText(unknownLimit)} a broker` };
  }
  if (partitions !== undefined) {
    yield {
      rate: partitions * partitionRate,
      why: `${pluralText(partitions, 'partition', 'partitions')} of ${rateText(partitionRate)} each`,
    };
  }
  for (const { what, rate } of facts.allowed) yield { rate, why: what };
}
