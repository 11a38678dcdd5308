// Defines the config key `exporter.clusters.<name>.canary`.

import { z } from 'zod';

export const CanaryConfig = z
  .strictObject({
    topic: z
      .string()
      .min(1)
      .max(249)
      .describe('existing topic with a partition or queue on every broker, best a dedicated one'),
    everySeconds: z
      .number()
      .min(0.1)
      .max(3600)
      .default(1)
      .describe('seconds between two messages; the brokers take turns'),
    lostAfterSeconds: z
      .number()
      .min(1)
      .max(60)
      .default(30)
      .describe(
        'seconds after which a message that was not read counts as lost; a message that is read before counts as late',
      ),
  })
  .describe('opt-in: sends probe messages and reads them back, to measure client latency');
export type CanaryConfig = z.infer<typeof CanaryConfig>;
