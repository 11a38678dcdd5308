// Defines the comparison of bytes on the brokers' network cards with the bytes the messages need, in result.json.

import { z } from 'zod';
import { ofKind } from './values.ts';

const bytes = z.number().nonnegative();

export const WireDirection = z.strictObject({
  direction: z.enum(['network-in', 'network-out']),
  /** Bytes on the wire at all brokers' cards, over acknowledged messages. */
  observedBytesPerMessage: bytes,
  /**
   * Computed from the protocols: the least with full pulls and transfers, the most with one message at a time, if batch sizes are
   * unknown. The most includes traffic between brokers without messages.
   */
  leastBytesPerMessage: bytes,
  mostBytesPerMessage: bytes,
});
export type WireDirection = z.infer<typeof WireDirection>;

export const WireAccount = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['matches', 'differs']),
    /** Acknowledged since the run was last resumed. */
    messages: z.number().int().positive(),
    /** Allowed deviation from least and most. */
    toleranceRatio: z.number(),
    directions: z.array(WireDirection),
  }),
  ofKind('unknown', { reason: z.string() }),
]);
export type WireAccount = z.infer<typeof WireAccount>;
