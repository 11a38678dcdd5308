// Defines the config key `exporter.clusters.<name>.canary`.

import { z } from 'zod';

export const CanaryConfig = z
  .strictObject({
    topic: z
      .string()
      .min(1)
      .max(249)
      .describe('exists, best for this alone, with a partition or queue on every broker'),
    everySeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(1)
      .describe('one message in so many seconds; the brokers take turns'),
    lostAfterSeconds: z
      .number()
      .min(1)
      .max(60)
      .default(30)
      .describe('a message that was not read by then counts as lost; until then a late one counts as late'),
  })
  .describe('opt-in: sends probe messages and reads them back, to measure client latency');
export type CanaryConfig = z.infer<typeof CanaryConfig>;
