// What does a machine say of itself at one moment? Raw counters in base units; a section that could not be read is absent.

import { z } from 'zod';

const counter = z.number().nonnegative();

/** Seconds spent per mode since boot. `iowait` is idle time that waited for a disk: it is not work. */
export const CpuTimes = z.strictObject({
  /** The kernel's number of this core, where it is not its place in the list because a core is offline. */
  cpu: z.number().int().nonnegative().optional(),
  user: counter,
  nice: counter,
  system: counter,
  idle: counter,
  iowait: counter,
  irq: counter,
  softirq: counter,
  steal: counter,
});
export type CpuTimes = z.infer<typeof CpuTimes>;

/** Counted by the kernel with Ethernet header, without preamble, checksum and gap (24 bytes a frame more on the wire). */
export const NetworkDevice = z.strictObject({
  device: z.string(),
  receiveBytes: counter,
  receivePackets: counter,
  receiveErrors: counter,
  receiveDrops: counter,
  transmitBytes: counter,
  transmitPackets: counter,
  transmitErrors: counter,
  transmitDrops: counter,
});
export type NetworkDevice = z.infer<typeof NetworkDevice>;

export const DiskDevice = z.strictObject({
  device: z.string(),
  readsCompleted: counter,
  readBytes: counter,
  readTimeSeconds: counter,
  writesCompleted: counter,
  writtenBytes: counter,
  writeTimeSeconds: counter,
  ioNow: counter,
  ioTimeSeconds: counter,
  ioTimeWeightedSeconds: counter,
});
export type DiskDevice = z.infer<typeof DiskDevice>;

/** Pressure stall information: seconds since boot in which some, or all, tasks waited for the resource. */
export const Pressure = z.strictObject({ someSeconds: counter, fullSeconds: counter.optional() });
export type Pressure = z.infer<typeof Pressure>;

export const HostReading = z.strictObject({
  cpus: z.array(CpuTimes).optional(),
  load: z.strictObject({ one: counter, five: counter, fifteen: counter }).optional(),
  /** /proc/meminfo in bytes, keyed by the kernel's own names (MemTotal, MemAvailable, Cached, Dirty…). */
  memoryBytes: z.record(z.string(), counter).optional(),
  pressure: z.strictObject({ cpu: Pressure, io: Pressure, memory: Pressure }).partial().optional(),
  disks: z.array(DiskDevice).optional(),
  networkDevices: z.array(NetworkDevice).optional(),
});
export type HostReading = z.infer<typeof HostReading>;

/** Where a figure comes from: `config` (somebody stated it), `sysfs`, `inventory`, or free words. */
export const StatedSpeed = z.strictObject({ bitsPerSecond: z.number().positive(), source: z.string() });
export type StatedSpeed = z.infer<typeof StatedSpeed>;

/** What does not change during a run. */
export const HostInventory = z.strictObject({
  host: z.string(),
  cores: z.number().int().positive().optional(),
  cpuModel: z.string().optional(),
  memoryBytes: counter.optional(),
  os: z.string().optional(),
  kernel: z.string().optional(),
  /** The network cards that carry the cluster's traffic. `speed` is absent when nobody knows it. */
  networkDevices: z
    .array(z.strictObject({ device: z.string(), speed: StatedSpeed.optional(), driver: z.string().optional() }))
    .optional(),
  /** Every card in its own words; the speed is its driver's, made up or not, and so no capacity. */
  links: z
    .array(
      z.strictObject({
        device: z.string(),
        isUp: z.boolean().optional(),
        reportedBitsPerSecond: z.number().positive().optional(),
      }),
    )
    .optional(),
  disks: z
    .array(z.strictObject({ device: z.string(), sizeBytes: counter.optional(), kind: z.string().optional() }))
    .optional(),
  /** vm.dirty_expire_centisecs in seconds, and the bytes at which writers are made to wait. */
  writeback: z.strictObject({ expireSeconds: counter, dirtyThresholdBytes: counter.optional() }).optional(),
});
export type HostInventory = z.infer<typeof HostInventory>;
