// Defines the totals of a followed GC log since it was first followed (kept across restarts) and its last figures.

import { z } from 'zod';
import { amount, count } from '../values.ts';

/**
 * Upper bounds of stops in seconds: a short stop of ZGC; Kafka's MaxGCPauseMillis of 20 ms; the 200 ms of RocketMQ's
 * waitTimeMillsInSendQueue, which is G1's own goal as well; Kafka's broker.session.timeout.ms (9 s) and
 * replica.lag.time.max.ms (30 s).
 */
export const stopBounds = [0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 9, 30] as const;

export const StopHistogram = z.strictObject({
  /** Stops above the bound before and up to this one; those above the last bound are in `count` alone. */
  buckets: z.array(count).length(stopBounds.length),
  count,
  seconds: amount,
});
export type StopHistogram = z.infer<typeof StopHistogram>;

/** Names come from the log, so their number is bounded; `_other` collects the rest. */
export const GcLogTotals = z.strictObject({
  /** Each pause by its whole length; one that contains others adds to `seconds` only what they leave. */
  pauses: z.array(z.strictObject({ type: z.string(), cause: z.string(), histogram: StopHistogram })),
  /** By `gc`, else the operation of the safepoint, `other` where the log does not name it. */
  stopped: z.array(z.strictObject({ reason: z.string(), seconds: amount })),
  timeToSafepoint: StopHistogram.optional(),
  heap: z
    .strictObject({ beforeBytes: amount, afterBytes: amount, committedBytes: amount.optional() })
    .optional()
    .describe('at the last collection'),
  heapMaxBytes: amount.optional(),
  liveSetBytes: amount.optional(),
  allocatedBytes: amount.optional(),
  promotedBytes: amount.optional(),
  /** The bytes are those of the JVM that writes, before its last collection; the count is of all JVMs. */
  humongous: z.strictObject({ beforeBytes: amount.optional(), collections: count }).optional(),
  evacuationFailures: count,
  fullCollections: z.array(z.strictObject({ cause: z.string(), count })),
  cycles: z.array(z.strictObject({ type: z.string(), count, aborted: count, seconds: amount.optional() })),
  stalls: z.array(z.strictObject({ type: z.string(), count, seconds: amount })),
  notices: z.array(z.strictObject({ code: z.string(), count })),
  unparsedLines: count,
  /** JVMs that began to write. */
  runs: count,
  collector: z.string().optional(),
  jvmVersion: z.string().optional(),
  startedAtSeconds: amount.optional(),
  /** Since the epoch, where the log has dates. */
  lastEventAtSeconds: amount.optional(),
});
export type GcLogTotals = z.infer<typeof GcLogTotals>;

export const GcLogReading = z.strictObject({
  /** That of the process where it is watched. */
  name: z.string(),
  /** The file read last. */
  file: z.string().optional(),
  /** Why it could not be read now. */
  trouble: z.string().optional(),
  /** Of the files there are, those that were not read yet. */
  unreadBytes: amount,
  /** By the clock of its machine. */
  lastWriteAtSeconds: amount.optional(),
  /** Its process lives, and the log is gone, of an earlier one, or not written to for an hour; absent where no process is watched. */
  isStalled: z.boolean().optional(),
  /** Absent until all of it was read once: what a log held before it was followed is no burst of now. */
  totals: GcLogTotals.optional(),
});
export type GcLogReading = z.infer<typeof GcLogReading>;
