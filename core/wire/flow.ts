// Computes payload and frames of a program's write, from which counter bytes and wire time follow.

import { segmentHeaders, segmentPayload, uncountedPerFrame } from './ethernet.ts';

/** One direction of a link, per message unless stated otherwise. */
export interface Flow {
  payload: number;
  frames: number;
}

const nothing: Flow = { payload: 0, frames: 0 };

/** As interface counters have it. */
export const counterBytes = ({ payload, frames }: Flow): number => payload + segmentHeaders * frames;

/** With preamble, checksum and gap, which no counter shows. */
export const wireBytes = ({ payload, frames }: Flow): number => payload + (segmentHeaders + uncountedPerFrame) * frames;

/** One write that is sent at once: its last segment is seldom full, its headers are whole. */
export const sentAtOnce = (payload: number): Flow => ({ payload, frames: Math.ceil(payload / segmentPayload) });

/** Share of a long stream, whose segments are always full. */
export const streamed = (payload: number): Flow => ({ payload, frames: payload / segmentPayload });

/** What the receiver of such a stream sends back: one bare acknowledgement for two segments (RFC 9293, 3.8.6.3). */
export const delayedAcks = (payload: number): Flow => ({ payload: 0, frames: payload / (2 * segmentPayload) });

/**
 * What the receiver of bursts sends back while it reads them at its own pace: Linux was seen to acknowledge about ten segments at
 * once beside what rides on requests and answers (test/integration/byte-oracle.test.ts, Kafka 4.3.1).
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

/** Both directions between the master or leader and peers of one kind, as the former's card sees them. */
export interface Exchange {
  in: Flow;
  out: Flow;
}

export const noExchange: Exchange = { in: nothing, out: nothing };

export const timesBoth = (exchange: Exchange, factor: number): Exchange => ({
  in: times(exchange.in, factor),
  out: times(exchange.out, factor),
});
