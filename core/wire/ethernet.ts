// Defines Ethernet framing (IEEE 802.3): what interface counters include, and payload and frames of a write.

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

/** One direction of a link, per message unless stated otherwise. */
export interface Flow {
  payload: number;
  frames: number;
}

const nothing: Flow = { payload: 0, frames: 0 };

/** Bytes in interface counters. */
export const counterBytes = ({ payload, frames }: Flow): number => payload + segmentHeaders * frames;

/** Bytes including preamble, checksum and gap, which no counter includes. */
export const wireBytes = ({ payload, frames }: Flow): number => payload + (segmentHeaders + uncountedPerFrame) * frames;

/** A single write: its last segment is seldom full, and each segment has whole headers. */
export const sentAtOnce = (payload: number): Flow => ({ payload, frames: Math.ceil(payload / segmentPayload) });

/** Share of a long stream, whose segments are full. */
export const streamed = (payload: number): Flow => ({ payload, frames: payload / segmentPayload });

/** ACK traffic of the receiver of such a stream: one bare ACK per two segments (RFC 9293, 3.8.6.3). */
export const delayedAcks = (payload: number): Flow => ({ payload: 0, frames: payload / (2 * segmentPayload) });

/**
 * ACK traffic of a receiver that reads bursts at its own pace: Linux acknowledged about ten segments at once, in addition to ACKs
 * piggybacked on requests and responses (test/integration/byte-oracle.test.ts, Kafka 4.3.1).
 */
export const sparseAcks = (payload: number): Flow => ({ payload: 0, frames: payload / (10 * segmentPayload) });

export const plus = (...flows: readonly Flow[]): Flow => ({
  payload: flows.reduce((sum, flow) => sum + flow.payload, 0),
  frames: flows.reduce((sum, flow) => sum + flow.frames, 0),
});

export const times = ({ payload, frames }: Flow, factor: number): Flow => ({
  payload: payload * factor,
  frames: frames * factor,
});

/** Both directions between the master or leader and peers of one kind, at the card of the former. */
export interface Exchange {
  in: Flow;
  out: Flow;
}

export const noExchange: Exchange = { in: nothing, out: nothing };

export const timesBoth = (exchange: Exchange, factor: number): Exchange => ({
  in: times(exchange.in, factor),
  out: times(exchange.out, factor),
});
