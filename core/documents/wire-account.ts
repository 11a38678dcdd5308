// Defines the comparison of bytes on the brokers' network cards with the bytes the messages need, in result.json.

import { z } from 'zod';

const bytes = z.number().nonnegative();

export const WireDirection = z.strictObject({
  direction: z.enum(['network-in', 'network-out']),
  /** Of all brokers' cards, over the messages acknowledged, in bytes on the wire. */
  observedBytesPerMessage: bytes,
  /**
   * By the protocols: the least with full pulls and copies, the most with one message at a time, if batch sizes are
   * unknown. The most includes what brokers exchange without messages.
   */
  leastBytesPerMessage: bytes,
  mostBytesPerMessage: bytes,
});
export type WireDirection = z.infer<typeof WireDirection>;

export const WireAccount = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['matches', 'differs']),
    /** Acknowledged, since the run was last resumed. */
    messages: z.number().int().positive(),
    /** How far outside of least and most is allowed. */
    toleranceRatio: z.number(),
    directions: z.array(WireDirection),
  }),
  z.strictObject({ kind: z.literal('unknown'), reason: z.string() }),
]);
export type WireAccount = z.infer<typeof WireAccount>;
