// Defines the totals of a followed GC log since the first read (kept across restarts), and its last figures.

import { z } from 'zod';
import { amount, count } from '../values.ts';

/**
 * Upper bounds of stops in seconds: short stops of ZGC; 20 ms, the MaxGCPauseMillis of Kafka's start script; 200 ms, RocketMQ's
 * waitTimeMillsInSendQueue and G1's default goal; Kafka's broker.session.timeout.ms (9 s) and
 * replica.lag.time.max.ms (30 s).
 */
export const stopBounds = [0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 9, 30] as const;

export const StopHistogram = z.strictObject({
  /** Stops above the previous bound and up to this one; stops above the last bound count only in `count`. */
  buckets: z.array(count).length(stopBounds.length),
  count,
  seconds: amount,
});
export type StopHistogram = z.infer<typeof StopHistogram>;

/** Names come from the log, so their number is bounded; `_other` collects the rest. */
export const GcLogTotals = z.strictObject({
  /** Each pause with its full length; a pause that contains others adds to `seconds` only the remainder. */
  pauses: z.array(z.strictObject({ type: z.string(), cause: z.string(), histogram: StopHistogram })),
  /** Reason `gc`, the operation of the safepoint, or `other` if the log does not name it. */
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
  /** Bytes before the last collection of the current JVM; the count covers all JVMs. */
  humongous: z.strictObject({ beforeBytes: amount.optional(), collections: count }).optional(),
  evacuationFailures: count,
  fullCollections: z.array(z.strictObject({ cause: z.string(), count })),
  cycles: z.array(z.strictObject({ type: z.string(), count, aborted: count, seconds: amount.optional() })),
  stalls: z.array(z.strictObject({ type: z.string(), count, seconds: amount })),
  notices: z.array(z.strictObject({ code: z.string(), count })),
  unparsedLines: count,
  /** Number of JVMs that wrote to the log. */
  runs: count,
  collector: z.string().optional(),
  jvmVersion: z.string().optional(),
  startedAtSeconds: amount.optional(),
  /** Since the epoch, if the log has dates. */
  lastEventAtSeconds: amount.optional(),
});
export type GcLogTotals = z.infer<typeof GcLogTotals>;

export const GcLogReading = z.strictObject({
  /** Name of the process, if it is watched. */
  name: z.string(),
  /** Last file read. */
  file: z.string().optional(),
  /** Why it cannot be read at present. */
  trouble: z.string().optional(),
  /** Unread bytes of the existing files. */
  unreadBytes: amount,
  /** By the clock of the host. */
  lastWriteAtSeconds: amount.optional(),
  /** The process runs, but the log is missing, belongs to an earlier process, or is an hour old; absent if no process is watched. */
  isStalled: z.boolean().optional(),
  /** Absent until the whole log was read once: older entries must not appear as a current burst. */
  totals: GcLogTotals.optional(),
});
export type GcLogReading = z.infer<typeof GcLogReading>;
