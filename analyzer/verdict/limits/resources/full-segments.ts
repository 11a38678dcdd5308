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
 * Below the limit an answer, a pull or a push leaves in a segment of its own. When a queue stands in front of the card, the kernel holds
 * each connection back to a few segments (TCP small queues, net.ipv4.tcp_limit_output_bytes), and what is written meanwhile
 * fills the next. Left are full segments, and one bare acknowledgement for two full segments the other way (RFC 9293, 3.8.6.3).
 *
 * @param own the direction that is to be full
 * @param other the direction whose acknowledgements it carries, too
 * @returns a ratio of the bytes on the wire; 0 where frames are as few already, as with jumbo frames and cards that count what
 * they split themselves
 */
export function sparedByFullSegments(own: CardTraffic, other: CardTraffic): number {
  const payload = payloadOf(own);
  const frames = payload / segmentPayload + payloadOf(other) / (2 * segmentPayload);
  const spared = perFrame * (own.framesPerSecond - frames);
  return own.bytesPerSecond > 0 ? Math.max(0, spared / own.bytesPerSecond) : 0;
}

const payloadOf = ({ bytesPerSecond, framesPerSecond }: CardTraffic) =>
  Math.max(0, bytesPerSecond - perFrame * framesPerSecond);
