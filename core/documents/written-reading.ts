// Defines a written figure, as a run bundle stores it.

import { z } from 'zod';

/** Source of a figure: its place, and the quoted text. */
export const Citation = z.strictObject({ document: z.string(), heading: z.string(), quote: z.string() });
export type Citation = z.infer<typeof Citation>;

/** Unit of each quantity; statements have no number. */
export const writtenUnits = {
  'produced-tps': 'messages/s',
  'load-average': 'tasks',
  'iowait-ratio': 'ratio',
  'network-bytes-per-second': 'bytes/s',
  'network-theoretical-limit-bytes-per-second': 'bytes/s',
  'network-practical-limit-bytes-per-second': 'bytes/s',
  'end-to-end-latency-seconds': 's',
  'young-gc-interval-seconds': 's',
  'full-gc-count': 'collections',
  'memory-use': 'statement',
  'stated-bottleneck': 'statement',
  acceptable: 'statement',
} as const;

/** A written figure. With `text` and no `value`: a statement without a number. */
export const Reading = z
  .strictObject({
    quantity: z.enum(Object.keys(writtenUnits) as (keyof typeof writtenUnits)[]),
    value: z.number().nonnegative().optional(),
    /** `about` and `at-most` are kept: a rounded figure is an interval. */
    relation: z.enum(['equals', 'about', 'at-most', 'at-least']).default('equals'),
    /** The unit as written, when it is ambiguous (`100M` may be MB or MiB). */
    unitAsWritten: z.string().optional(),
    /** For a network figure; absent if the text does not state it. */
    direction: z.enum(['in', 'out']).optional(),
    /** Averaging time, as for the three load averages. */
    windowSeconds: z.number().positive().optional(),
    /** For a limit of network cards: their speed. A faster card has another limit. */
    linkBitsPerSecond: z.number().positive().optional(),
    /** Broker id, or `cluster` for a figure of the cluster. */
    node: z.string(),
    text: z.string().optional(),
    source: Citation,
  })
  .superRefine(({ quantity, value }, context) => {
    if (value === undefined) return;
    if (quantity === 'iowait-ratio' && value > 1)
      context.addIssue({ code: 'custom', path: ['value'], message: 'a ratio is at most 1; write 0.4 for 40%' });
    // Rates are denominators of other rates and of shares.
    if (value === 0 && writtenUnits[quantity].endsWith('/s'))
      context.addIssue({
        code: 'custom',
        path: ['value'],
        message: `${quantity} of 0 is not a reading; leave it out`,
      });
  });
export type Reading = z.infer<typeof Reading>;
