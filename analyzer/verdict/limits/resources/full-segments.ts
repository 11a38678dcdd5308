// Computes the share of a card's bytes that is saved when all segments are full, as at saturation.

import { segmentHeaders, segmentPayload, uncountedPerFrame } from '../../../../core/wire/ethernet.ts';

/** One direction of a card. */
export interface CardTraffic {
  /** Bytes on the wire: counter bytes plus 24 per frame. */
  bytesPerSecond: number;
  framesPerSecond: number;
}

const perFrame = segmentHeaders + uncountedPerFrame;

/**
 * Below saturation, each response, pull or push is sent in a separate segment. When packets queue at the card, the
 * kernel limits each connection to a few segments (TCP small queues, net.ipv4.tcp_limit_output_bytes), and later writes
 * fill the next segment. Then segments are full, and the other direction has one bare acknowledgement per two full
 * segments (RFC 9293, 3.8.6.3).
 *
 * @param own the direction at saturation
 * @param other the direction whose acknowledgements it includes
 * @returns a share of the bytes on the wire; 0 if there are as few frames already, as with jumbo frames and cards that
 * count packets before splitting them
 */
export function savedByFullSegments(own: CardTraffic, other: CardTraffic): number {
  const payload = payloadOf(own);
  const frames = payload / segmentPayload + payloadOf(other) / (2 * segmentPayload);
  const spared = perFrame * (own.framesPerSecond - frames);
  return own.bytesPerSecond > 0 ? Math.max(0, spared / own.bytesPerSecond) : 0;
}

const payloadOf = ({ bytesPerSecond, framesPerSecond }: CardTraffic) =>
  Math.max(0, bytesPerSecond - perFrame * framesPerSecond);
