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
  /** Mean size of message values. */
  messageBytes: Bytes;
  /** Ratio of wire size to value size, below 1 if batches are compressed. */
  compressedShare: number;
  /** Copies of each message, the first included. */
  copies: number;
  /** Consumer groups, each of which reads every message. */
  groups: number;
  /** Link speed of the slowest broker; absent if unknown. */
  linkBitsPerSecond?: BitsPerSecond;
  partitions?: number;
  /** Rates allowed by quotas or by the cluster's `loadTest` block. */
  allowed: readonly { what: string; rate: MessagesPerSecond }[];
}

/** Shaped and physical links reach 0.93 to 0.998 of their rate at saturation (the analysis policy). */
const usableShare = 0.95;
/** One thread at a time writes a partition's log: far above real rates, only to bound very small topics. */
const partitionRate = 100_000;
/** Used if the link is unknown: below the maximum of a single broker with two cores at 500 bytes. */
const unknownLimit = 10_000;

/** @returns bytes on an Ethernet link for a message with this size of value and key, including framing */
export const wireBytes = (messageBytes: number, broker: BrokerKind) =>
  (messageBytes + traitsOf(broker).bytes.sentOverhead) * fullFrameOverhead;

/**
 * Start as a share of the predicted limit. find-max gallops up from half of it, because predictions are wrong by up to
 * a factor of two.
 */
const shares: Record<SearchKind, number> = { 'find-safe': 0.1, 'find-max': 0.5 };

/**
 * Bytes of a message on the wire cross a broker's link, per direction, if each of n brokers leads an equal share:
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
    /** Expected first limit; only a hint where to look. */
    limit,
    start,
    /** One line per computed limit, lowest first, and one for the start. */
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
