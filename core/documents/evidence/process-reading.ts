// Defines a reading of one watched process: its current state, or the last known one.

import { z } from 'zod';
import { Pressure } from './pressure.ts';
import { positiveCount } from '../values.ts';

const counter = z.number().nonnegative();

/** Threads of one kind, grouped by the names the JVM gave them. */
export const ThreadGroup = z.strictObject({
  group: z.string(),
  threads: counter,
  /** CPU time of the living threads. */
  cpuSeconds: counter,
  /** Core share of its busiest thread since the previous reading: 1 means that the thread is saturated. */
  busiestRatio: counter.optional(),
});
export type ThreadGroup = z.infer<typeof ThreadGroup>;

/** Command line of the JVM. */
export const JvmCommand = z.strictObject({
  /** Absent for commands such as `java -version`. */
  mainClass: z.string().optional(),
  /** From the `release` file of its folder, if readable. */
  version: z.string().optional(),
  /** JVM options without class path and most system properties, which are long and may contain secrets. */
  flags: z.array(z.string()),
});
export type JvmCommand = z.infer<typeof JvmCommand>;

/** Limits and use of the container of the process; outside a container, those of the root group, without limits. */
export const ProcessGroup = z
  .strictObject({
    version: z.union([z.literal(1), z.literal(2)]),
    /** The lowest limit of the group and its ancestors; absent if there is none. */
    memoryLimitBytes: counter,
    /** Use of the group with that limit (as for the hits below), including its page cache. */
    memoryUsageBytes: counter,
    /** Times the group hit its memory limit since its creation. */
    memoryLimitHits: counter,
    /** OOM kills in the innermost group: others in the group with the limit are other programs. */
    oomKills: counter,
    memoryPressure: Pressure,
    cpuLimitCores: counter,
    /** CPU of the group with that limit, as for the following: the kernel counts periods where the limit is set. */
    cpuUsageSeconds: counter,
    /** Periods (usually 0.1 s) in which it was runnable, and those in which it was throttled. */
    cpuPeriods: counter,
    cpuThrottledPeriods: counter,
    cpuThrottledSeconds: counter,
  })
  .partial();
export type ProcessGroup = z.infer<typeof ProcessGroup>;

export const RunningProcess = z.strictObject({
  pid: positiveCount,
  startedAtSeconds: counter,
  cpu: z.strictObject({ userSeconds: counter, systemSeconds: counter }),
  memory: z.strictObject({
    virtualBytes: counter,
    residentBytes: counter,
    /** Anonymous memory: heap, stacks, direct buffers. */
    anonymousBytes: counter.optional(),
    /** Pages of mapped files, such as a commit log; the kernel reclaims them under memory pressure. */
    fileBytes: counter.optional(),
    sharedBytes: counter.optional(),
    swapBytes: counter.optional(),
  }),
  threads: counter,
  openFiles: counter.optional(),
  openFilesLimit: counter.optional(),
  /** Counted in the part of the list that is read, 4 MiB or about 40,000 entries. */
  memoryMaps: counter.optional(),
  faults: z.strictObject({ minor: counter, major: counter }),
  /** Bytes that reached the disks; absent for readers who are neither root nor the user of the process. */
  io: z.strictObject({ readBytes: counter, writtenBytes: counter }).optional(),
  jvm: JvmCommand,
  threadGroups: z.array(ThreadGroup).optional(),
  cgroup: ProcessGroup.optional(),
  /** CPUs in its affinity and cpuset; without either, all possible CPUs, including offline ones. */
  allowedCpus: positiveCount.optional(),
  /** Its paths differ from those of its host. Absent outside a container, and if this cannot be determined. */
  isContained: z.literal(true).optional(),
  /** TCP ports it listens on. */
  ports: z.array(positiveCount),
  /** Parts that could not be read, as text. */
  unread: z.array(z.string()),
});
export type RunningProcess = z.infer<typeof RunningProcess>;

export const ProcessReading = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('running'),
    name: z.string(),
    /** Observed replacements by another process. */
    restarts: counter,
    process: RunningProcess,
  }),
  z.strictObject({
    state: z.literal('gone'),
    name: z.string(),
    restarts: counter,
    /** Why it is missing: never found, ended, or several match. */
    reason: z.string(),
    /** Last time it was seen, by the clock of its host, and its start time; absent if it was never seen. */
    last: z.strictObject({ seenAtSeconds: counter, startedAtSeconds: counter, pid: z.number() }).optional(),
  }),
]);
export type ProcessReading = z.infer<typeof ProcessReading>;
