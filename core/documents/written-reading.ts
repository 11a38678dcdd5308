// Defines a figure that was written down by people, as a run bundle stores it.

import { z } from 'zod';

/** Source of a figure: where it is, and the quoted text. */
export const Citation = z.strictObject({ document: z.string(), heading: z.string(), quote: z.string() });
export type Citation = z.infer<typeof Citation>;

/** Quantities that rates and shares are computed by. */
const divisors: ReadonlySet<string> = new Set([
  'produced-tps',
  'network-bytes-per-second',
  'network-theoretical-limit-bytes-per-second',
  'network-practical-limit-bytes-per-second',
]);

/** A written figure. `value` absent with a `text` only: a statement without a number. */
export const Reading = z
  .strictObject({
    quantity: z.enum([
      'produced-tps',
      'load-average',
      'iowait-ratio',
      'network-bytes-per-second',
      'network-theoretical-limit-bytes-per-second',
      'network-practical-limit-bytes-per-second',
      'end-to-end-latency-seconds',
      'young-gc-interval-seconds',
      'full-gc-count',
      'memory-use',
      'stated-bottleneck',
      'acceptable',
    ]),
    value: z.number().nonnegative().optional(),
    /** `about` and `at-most` are kept: a rounded figure is an interval. */
    relation: z.enum(['equals', 'about', 'at-most', 'at-least']).default('equals'),
    /** The unit as written, when it is ambiguous (`100M` may be MB or MiB). */
    unitAsWritten: z.string().optional(),
    /** Absent when the text does not state it: for a network figure, which direction. */
    direction: z.enum(['in', 'out']).optional(),
    /** Over which time a mean was taken, as for the three load averages. */
    windowSeconds: z.number().positive().optional(),
    /** For a limit of network cards: their speed. It does not apply to a faster card. */
    linkBitsPerSecond: z.number().positive().optional(),
    /** Broker id, or the cluster where a figure is of the cluster. */
    node: z.string(),
    text: z.string().optional(),
    source: Citation,
  })
  .superRefine(({ quantity, value }, context) => {
    if (value === undefined) return;
    if (quantity === 'iowait-ratio' && value > 1)
      context.addIssue({ code: 'custom', path: ['value'], message: 'a ratio is at most 1; write 0.4 for 40%' });
    if (value === 0 && divisors.has(quantity))
      context.addIssue({
        code: 'custom',
        path: ['value'],
        message: `${quantity} of 0 is not a reading; leave it out`,
      });
  });
export type Reading = z.infer<typeof Reading>;
