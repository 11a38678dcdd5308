// Defines Ethernet framing (IEEE 802.3): what interface counters show of it, and at which rates a link is full.

/*
 * One full segment of TCP over IPv4 with timestamps, MTU 1500 (RFC 894, 791, 9293, 7323):
 *
 *   preamble 8 | Ethernet 14 | IP 20 | TCP 32 | payload 1448 | FCS 4 | gap 12      1538 bytes of wire time
 *              |<----- counted by the kernel: 1514 ------>|
 */

/** Payload of a full segment. */
export const segmentPayload = 1448;
/** Ethernet, IP and TCP headers as interface counters have them, per segment. */
export const segmentHeaders = 66;
/** Preamble, checksum and gap: wire time no counter shows, per frame. */
export const uncountedPerFrame = 24;

const countedSegment = segmentPayload + segmentHeaders;
const wireSegment = countedSegment + uncountedPerFrame;
/** Wire bytes of full frames over their payload. */
export const fullFrameOverhead = wireSegment / segmentPayload;

export const directions = ['receive', 'transmit'] as const;
export type Direction = (typeof directions)[number];

/** @returns undefined when a counter stepped back: the card was reset */
export function wireBytesBetween(before: CardCounters, after: CardCounters, direction: Direction): number | undefined {
  const bytes = after[`${direction}Bytes`] - before[`${direction}Bytes`];
  const packets = after[`${direction}Packets`] - before[`${direction}Packets`];
  return bytes < 0 || packets < 0 ? undefined : bytes + uncountedPerFrame * packets;
}

type CardCounters = Record<`${Direction}${'Bytes' | 'Packets'}`, number>;

/** Bytes per second of one direction of a full-duplex link. */
interface LinkCeilings {
  /** Speed over 8: what the wire itself moves. */
  nominal: number;
  /** What interface counters show when every frame is full: 123.05 MB/s of a gigabit. Smaller frames show less. */
  counter: number;
  /** Payload bandwidth when every frame is full: 117.69 MB/s of a gigabit. */
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
