// Defines rates and shares over intervals, as sar, top or jstat print them; the underlying counters are unknown.

import { z } from 'zod';
import { HostInventory } from './host-reading.ts';
import { amount, ofKind, positive, share } from '../values.ts';

/** Shares of the total time of all cores. */
export const CpuShares = z.strictObject({
  user: share,
  nice: share.optional(),
  system: share,
  idle: share,
  iowait: share.optional(),
  irq: share.optional(),
  softirq: share.optional(),
  steal: share.optional(),
  /** Busy share of the busiest core, if the tool printed each core. */
  busiestCore: share.optional(),
});
export type CpuShares = z.infer<typeof CpuShares>;

const LinkRates = z.strictObject({
  device: z.string(),
  receiveBytesPerSecond: amount,
  receivePacketsPerSecond: amount,
  transmitBytesPerSecond: amount,
  transmitPacketsPerSecond: amount,
  dropsPerSecond: amount.optional(),
});

export const DiskRates = z.strictObject({
  device: z.string(),
  /** Share of the time with at least one request in flight. */
  busy: share,
  /** Absent if there was no request. */
  awaitSeconds: amount.optional(),
  writtenBytesPerSecond: amount,
});
export type DiskRates = z.infer<typeof DiskRates>;

export const HostRates = z.strictObject({
  cpu: CpuShares.optional(),
  load: z.strictObject({ one: amount, five: amount.optional(), fifteen: amount.optional() }).optional(),
  memory: z
    .strictObject({ totalBytes: amount.optional(), availableBytes: amount, dirtyBytes: amount.optional() })
    .optional(),
  networkDevices: z.array(LinkRates).optional(),
  disks: z.array(DiskRates).optional(),
});
export type HostRates = z.infer<typeof HostRates>;

/** GC of a JVM over an interval, and heap occupancy at its end. */
export const JvmRates = z.strictObject({
  youngCollections: amount,
  youngSeconds: amount,
  fullCollections: amount,
  fullSeconds: amount,
  /** Stop-the-world phases of concurrent cycles; a JVM before 11 does not report them separately. */
  concurrentCollections: amount.optional(),
  concurrentSeconds: amount.optional(),
  oldUsedRatio: share.optional(),
});
export type JvmRates = z.infer<typeof JvmRates>;

/** `elapsedSeconds` is the end of the interval on the clock of the run; negative before the run. */
const interval = { elapsedSeconds: z.number(), intervalSeconds: positive };

export const ImportedLine = z.discriminatedUnion('kind', [
  /** First line of each file: what was imported, and how its times were interpreted. */
  ofKind('import', {
    schemaVersion: z.literal(1),
    tool: z.string(),
    host: z.string(),
    /** The broker on that host, if run.json does not name it. */
    broker: z.string().optional(),
    source: z.strictObject({ name: z.string(), bytes: amount, sha256: z.string() }),
    /** Facts about the host from the tool or from the import command. */
    inventory: HostInventory.optional(),
    /** Seconds added to the tool's times. */
    clockOffsetSeconds: z.number(),
  }),
  ofKind('host-rates', { ...interval, rates: HostRates }),
  ofKind('jvm-rates', { ...interval, rates: JvmRates }),
]);
export type ImportedLine = z.infer<typeof ImportedLine>;

/** Folder of a run bundle with one file per import; imports never change what the run recorded. */
export const importedFolder = 'imported-telemetry';
