// Defines which brokers were down while a load test ran.

import { z } from 'zod';

/** Brokers that were down when the run began, so that it measures the cluster after a loss. */
export const DegradedStart = z.strictObject({
  lost: z.array(z.string()).min(1),
  /** Until they were down and other brokers led their partitions. */
  waitedSeconds: z.number().nonnegative(),
  /** Copies of a message that were still made, on average over the partitions. */
  copies: z.number().positive(),
  /** The run whose prediction this one grades. */
  predictedBy: z.strictObject({ id: z.string(), directory: z.string() }).optional(),
});
export type DegradedStart = z.infer<typeof DegradedStart>;
