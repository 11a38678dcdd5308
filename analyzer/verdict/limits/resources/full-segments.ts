// Computes the share of a card's bytes that goes away when all segments are full, as at saturation.

import { segmentHeaders, segmentPayload, uncountedPerFrame } from '../../../../core/wire/ethernet.ts';

/** One direction of a card. */
export interface CardTraffic {
  /** As on the wire: counter bytes and 24 a frame. */
  bytesPerSecond: number;
  framesPerSecond: number;
}

const perFrame = segmentHeaders + uncountedPerFrame;

/**
 * Below the limit a response, a pull or a push leaves in its own segment. When packets queue at the card, the kernel
 * limits each connection to a few segments (TCP small queues, net.ipv4.tcp_limit_output_bytes), and what is written
 * meanwhile fills the next. The result is full segments, and one bare acknowledgement for two full segments the other
 * way (RFC 9293, 3.8.6.3).
 *
 * @param own the direction at saturation
 * @param other the direction whose acknowledgements it includes
 * @returns a ratio of the bytes on the wire; 0 where frames are as few already, as with jumbo frames and cards that
 * count what they split themselves
 */
export function savedByFullSegments(own: CardTraffic, other: CardTraffic): number {
  const payload = payloadOf(own);
  const frames = payload / segmentPayload + payloadOf(other) / (2 * segmentPayload);
  const spared = perFrame * (own.framesPerSecond - frames);
  return own.bytesPerSecond > 0 ? Math.max(0, spared / own.bytesPerSecond) : 0;
}

const payloadOf = ({ bytesPerSecond, framesPerSecond }: CardTraffic) =>
  Math.max(0, bytesPerSecond - perFrame * framesPerSecond);
