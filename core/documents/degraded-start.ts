// Defines which brokers were down while a load test ran.

import { z } from 'zod';

/** Brokers that were down at the start of the run, so that it measures the cluster after a loss. */
export const DegradedStart = z.strictObject({
  lost: z.array(z.string()).min(1),
  /** Wait until they were down and other brokers led their partitions. */
  waitedSeconds: z.number().nonnegative(),
  /** Remaining copies of a message, mean over the partitions. */
  copies: z.number().positive(),
  /** The run whose prediction is graded by this run. */
  predictedBy: z.strictObject({ id: z.string(), directory: z.string() }).optional(),
});
export type DegradedStart = z.infer<typeof DegradedStart>;
