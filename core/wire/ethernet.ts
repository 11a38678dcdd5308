// Defines Ethernet framing (IEEE 802.3): what interface counters include, and at which rates a link is saturated.

/*
 * One full segment of TCP over IPv4 with timestamps, MTU 1500 (RFC 894, 791, 9293, 7323):
 *
 *   preamble 8 | Ethernet 14 | IP 20 | TCP 32 | payload 1448 | FCS 4 | gap 12      1538 bytes of wire time
 *              |<----- counted by the kernel: 1514 ------>|
 */

/** Payload of a full segment. */
export const segmentPayload = 1448;
/** Ethernet, IP and TCP headers per segment, included in interface counters. */
export const segmentHeaders = 66;
/** Preamble, checksum and gap per frame: wire time that no counter includes. */
export const uncountedPerFrame = 24;

const countedSegment = segmentPayload + segmentHeaders;
const wireSegment = countedSegment + uncountedPerFrame;
/** Wire bytes of full frames over their payload. */
export const fullFrameOverhead = wireSegment / segmentPayload;

export const directions = ['receive', 'transmit'] as const;
export type Direction = (typeof directions)[number];

/** @returns undefined if a counter decreased, because the card was reset */
export function wireBytesBetween(before: CardCounters, after: CardCounters, direction: Direction): number | undefined {
  const bytes = after[`${direction}Bytes`] - before[`${direction}Bytes`];
  const packets = after[`${direction}Packets`] - before[`${direction}Packets`];
  return bytes < 0 || packets < 0 ? undefined : bytes + uncountedPerFrame * packets;
}

type CardCounters = Record<`${Direction}${'Bytes' | 'Packets'}`, number>;

/** Bytes per second of one direction of a full-duplex link. */
interface LinkCeilings {
  /** Speed over 8: bytes on the wire. */
  nominal: number;
  /** Maximum of interface counters with full frames: 123.05 MB/s for a gigabit. Smaller frames yield less. */
  counter: number;
  /** Maximum payload with full frames: 117.69 MB/s for a gigabit. */
  payload: number;
}

/** @param bitsPerSecond speed of the link, one direction */
export function linkCeilings(bitsPerSecond: number): LinkCeilings {
  const nominal = bitsPerSecond / 8;
  return {
    nominal,
    counter: (nominal * countedSegment) / wireSegment,
    payload: (nominal * segmentPayload) / wireSegment,
  };
}
