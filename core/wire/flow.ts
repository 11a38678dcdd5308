// Computes payload and frames of a write, which determine counter bytes and wire time.

import { segmentHeaders, segmentPayload, uncountedPerFrame } from './ethernet.ts';

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
