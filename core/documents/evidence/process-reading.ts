// Defines a reading of one watched process: its current state, or the last known one.

import { z } from 'zod';
import { Pressure } from './pressure.ts';
import { positiveCount } from '../values.ts';

const counter = z.number().nonnegative();

/** Threads of one kind, grouped by the names the JVM gave them. */
export const ThreadGroup = z.strictObject({
  group: z.string(),
  threads: counter,
  /** Processor time of those that live. */
  cpuSeconds: counter,
  /** Share of a core the busiest of them took since the reading before: 1 is a thread that can do no more. */
  busiestRatio: counter.optional(),
});
export type ThreadGroup = z.infer<typeof ThreadGroup>;

/** How the JVM was started. */
export const JvmCommand = z.strictObject({
  /** Absent for `java -version` and its like. */
  mainClass: z.string().optional(),
  /** From the `release` file of its folder, if readable. */
  version: z.string().optional(),
  /** Options that steer the JVM; class path and properties are left out, for they are long and may hold secrets. */
  flags: z.array(z.string()),
});
export type JvmCommand = z.infer<typeof JvmCommand>;

/** What the container of the process may use and does; a process outside of any shows the root group, without limits. */
export const ProcessGroup = z
  .strictObject({
    version: z.union([z.literal(1), z.literal(2)]),
    /** The lowest of its limit and the limits of its ancestors; absent if there is none. */
    memoryLimitBytes: counter,
    /** Of the group with that limit, as the hits below; with the page cache it is charged for. */
    memoryUsageBytes: counter,
    /** Times it met its memory limit, since it was made. */
    memoryLimitHits: counter,
    /** Of the innermost group: others in the group with the limit are other programs. */
    oomKills: counter,
    memoryPressure: Pressure,
    cpuLimitCores: counter,
    /** Of the group with that limit, as what follows: the kernel counts periods where the limit is set. */
    cpuUsageSeconds: counter,
    /** Periods (0.1 s mostly) in which it wanted to run, and those of them in which it was stopped at its limit. */
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
    /** What the process itself holds: heap, stacks, direct buffers. */
    anonymousBytes: counter.optional(),
    /** Pages of files it maps, such as a commit log: the kernel takes them back when it needs room. */
    fileBytes: counter.optional(),
    sharedBytes: counter.optional(),
    swapBytes: counter.optional(),
  }),
  threads: counter,
  openFiles: counter.optional(),
  openFilesLimit: counter.optional(),
  /** Counted in as much of the list as is read, 4 MiB or some 40,000. */
  memoryMaps: counter.optional(),
  faults: z.strictObject({ minor: counter, major: counter }),
  /** Bytes that reached the disks; absent to who is neither root nor the user of the process. */
  io: z.strictObject({ readBytes: counter, writtenBytes: counter }).optional(),
  jvm: JvmCommand,
  threadGroups: z.array(ThreadGroup).optional(),
  cgroup: ProcessGroup.optional(),
  /** CPUs that its affinity and its cpuset allow; without either every possible CPU, also those that are offline. */
  allowedCpus: positiveCount.optional(),
  /** Its paths are not those of its host. Absent outside of a container, and where nothing shows it. */
  isContained: z.literal(true).optional(),
  /** TCP ports it listens on. */
  ports: z.array(positiveCount),
  /** What could not be read, as text. */
  unread: z.array(z.string()),
});
export type RunningProcess = z.infer<typeof RunningProcess>;

export const ProcessReading = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('running'),
    name: z.string(),
    /** Number of observed replacements by another process. */
    restarts: counter,
    process: RunningProcess,
  }),
  z.strictObject({
    state: z.literal('gone'),
    name: z.string(),
    restarts: counter,
    /** Why it is not seen: never found, ended, or several match. */
    reason: z.string(),
    /** When it was seen last, by the clock of its machine, and when it had started; absent when it never was. */
    last: z.strictObject({ seenAtSeconds: counter, startedAtSeconds: counter, pid: z.number() }).optional(),
  }),
]);
export type ProcessReading = z.infer<typeof ProcessReading>;
