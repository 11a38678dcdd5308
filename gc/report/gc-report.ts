// Defines the document of `plimsoll gc --json`; text and HTML are rendered from it.

import { z } from 'zod';
import { Finding } from '../../core/documents/analysis.ts';
import { SlowSeconds } from '../../core/documents/evidence/slow-seconds.ts';
import { count, share, time } from '../../core/documents/values.ts';

const seconds = z.number().nonnegative();
const bytes = z.number().nonnegative();

const Total = { count, totalSeconds: seconds };

const PauseSummary = z.strictObject({
  ...Total,
  maxSeconds: seconds.optional(),
  p50Seconds: seconds.optional(),
  p95Seconds: seconds.optional(),
  p99Seconds: seconds.optional(),
  p999Seconds: seconds.optional(),
});

const LongestPause = z.strictObject({
  type: z.string(),
  cause: z.string().optional(),
  seconds,
  at: time.optional(),
  uptimeSeconds: seconds.optional(),
  log: z.string().optional(),
});

/** Values that a log does not contain are absent. */
export const Figures = z.strictObject({
  /** Time covered by timestamps over all runs: the base of shares and rates. */
  coveredSeconds: seconds.optional(),
  /** Absent if pauses are not logged: ZGC and Shenandoah with `-Xlog:gc`. */
  pauses: PauseSummary.optional(),
  /** Pause with `pauses.maxSeconds`, to find its moment in the log and in other data. */
  longestPause: LongestPause.optional(),
  byType: z.array(z.strictObject({ type: z.string(), cause: z.string().optional(), ...Total, maxSeconds: seconds })),
  fullGc: z.strictObject({ ...Total, byCause: z.array(z.strictObject({ cause: z.string().optional(), ...Total })) }),
  stopped: z.strictObject({
    gcSeconds: seconds.optional(),
    otherSeconds: seconds.optional(),
    timeToSafepointSeconds: seconds.optional(),
  }),
  throughput: share.optional(),
  heap: z.strictObject({
    maxBytes: bytes.optional(),
    peakUsedBytes: bytes.optional(),
    liveSetBytes: bytes.optional(),
    afterLastGcBytes: bytes.optional(),
  }),
  allocationBytesPerSecond: bytes.optional(),
  promotionBytesPerSecond: bytes.optional(),
  concurrent: z.array(z.strictObject({ type: z.string(), count, totalSeconds: seconds.optional(), aborted: count })),
  /** Stalls of threads because the heap was exhausted. */
  stalls: z.strictObject({ ...Total, maxSeconds: seconds }).optional(),
  evacuationFailures: count,
  unparsed: z.strictObject({
    lines: count,
    shapes: z.array(z.strictObject({ shape: z.string(), count, example: z.string() })),
  }),
});
export type Figures = z.infer<typeof Figures>;

export const Run = z.strictObject({
  /** Log name; for rotated files without the rotation suffix. */
  log: z.string().optional(),
  collector: z.enum(['Serial', 'Parallel', 'CMS', 'G1', 'Z', 'Shenandoah']).optional(),
  jvmVersion: z.string().optional(),
  startedAt: time.optional(),
  /** Age of the JVM at the last line, or time between first and last date if no uptime is logged. */
  uptimeSeconds: seconds.optional(),
  ...Figures.shape,
});
export type Run = z.infer<typeof Run>;

/** GC pauses joined with the send latency of each second, to show whether slow seconds have a pause. */
const SlowSecondsOfStep = z.strictObject({
  /** Send p99 of the step; a second with a higher p99 is slow. */
  p99Seconds: seconds,
  ...SlowSeconds.shape,
});

export const Step = z.strictObject({
  step: count,
  targetTps: z.number().optional(),
  from: time,
  to: time,
  ...Figures.shape,
  /** Absent if the run has no latency per second. */
  slowSeconds: SlowSecondsOfStep.optional(),
});
export type Step = z.infer<typeof Step>;

export const InputFile = z.strictObject({
  path: z.string(),
  bytes: count,
  /** Reason why the file, or the rest of it, was not read. */
  problem: z.string().optional(),
});
export type InputFile = z.infer<typeof InputFile>;

export const GcReport = z.strictObject({
  schemaVersion: z.literal(1),
  files: z.array(InputFile),
  runs: z.array(Run),
  ...Figures.shape,
  findings: z.array(Finding),
  /** With `--run`: the same figures per step of the load test, by wall clock. */
  steps: z.array(Step).optional(),
});
export type GcReport = z.infer<typeof GcReport>;

const GcComparison = z.strictObject({ schemaVersion: z.literal(1), a: GcReport, b: GcReport });

export const GcDocument = z.union([GcReport, GcComparison]);
