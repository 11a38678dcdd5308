// Defines a reading of a host: raw counters in base units; a section that could not be read is absent.
// Counters beyond 2^53 are rounded to the nearest double, as in Prometheus and JSON.

import { z } from 'zod';
import { GcLogReading } from './gc-log-reading.ts';
import { Pressure } from './pressure.ts';
import { ProcessReading } from './process-reading.ts';
import { count, fieldsOf, positive, positiveCount } from '../values.ts';

const counter = z.number().nonnegative();

/** Modes that add up to the whole time of a core, in the order of /proc/stat. */
export const cpuModes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
export type CpuMode = (typeof cpuModes)[number];

/** Seconds per mode since boot. `iowait` is idle time while a disk request is pending, not work. */
export const CpuTimes = z.strictObject({
  /** The kernel's number of this core, if it differs from its position because a core is offline. */
  cpu: count.optional(),
  ...fieldsOf(cpuModes, counter),
  /** Time of virtual machines on this core; included in user and nice. */
  guest: counter.optional(),
  guestNice: counter.optional(),
});
export type CpuTimes = z.infer<typeof CpuTimes>;

/** Counted by the kernel with Ethernet header, without preamble, checksum and gap (24 more bytes per frame on the wire). */
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
  receiveFifo: counter.optional(),
  receiveFrame: counter.optional(),
  receiveCompressed: counter.optional(),
  receiveMulticast: counter.optional(),
  transmitFifo: counter.optional(),
  transmitCollisions: counter.optional(),
  transmitCarrier: counter.optional(),
  transmitCompressed: counter.optional(),
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
  readsMerged: counter.optional(),
  writesMerged: counter.optional(),
  /** Since Linux 4.18. */
  discards: z.strictObject({ completed: counter, merged: counter, sectors: counter, timeSeconds: counter }).optional(),
  /** Since Linux 5.5. */
  flushes: z.strictObject({ completed: counter, timeSeconds: counter }).optional(),
});
export type DiskDevice = z.infer<typeof DiskDevice>;

/** Attributes of a card as its driver reports them; the reported speed may be wrong, so it is not used as capacity. */
export const Link = z.strictObject({
  device: z.string(),
  /** DEVTYPE of its uevent: `vlan`, `bond`, `bridge`…; plain cards have none. */
  kind: z.string().optional(),
  /** Text files below /sys/class/net/DEVICE by name: operstate, duplex, address, broadcast, ifalias. */
  words: z.record(z.string(), z.string()),
  /** Numeric files there by name: mtu, carrier, carrier_changes, ifindex, flags… */
  numbers: z.record(z.string(), counter),
  reportedBitsPerSecond: positive.optional(),
});
export type Link = z.infer<typeof Link>;

/** A mounted file system. If `size` could not be read it is absent, and `error` has the reason. */
export const FileSystem = z.strictObject({
  device: z.string(),
  mountpoint: z.string(),
  type: z.string(),
  isReadOnly: z.boolean(),
  size: z
    .strictObject({
      totalBytes: counter,
      freeBytes: counter,
      /** Bytes that a user other than root can still write. */
      availableBytes: counter,
      files: counter,
      filesFree: counter,
    })
    .optional(),
  /** The reader may not enter a parent folder; the file system itself may be healthy. */
  isRefused: z.boolean().optional(),
  error: z.string().optional(),
});
export type FileSystem = z.infer<typeof FileSystem>;

/** Kernel counters since boot, and two gauges. */
export const KernelActivity = z
  .strictObject({
    bootTimeSeconds: counter,
    interrupts: counter,
    contextSwitches: counter,
    forks: counter,
    processesRunning: counter,
    processesBlocked: counter,
  })
  .partial();
export type KernelActivity = z.infer<typeof KernelActivity>;

/** Network packets that a core processed and dropped, and how often it had to defer the rest. */
export const Softnet = z.strictObject({
  cpu: count,
  processed: counter,
  dropped: counter,
  timesSqueezed: counter,
});
export type Softnet = z.infer<typeof Softnet>;

/** The transmit queue of a network card. */
export const QueueDiscipline = z.strictObject({
  device: z.string(),
  /** Such as `fq_codel`, `mq`, `tbf`. */
  kind: z.string(),
  backlogBytes: counter,
  drops: counter,
  /** Times a packet waited because of the rate limit of the queue. */
  overlimits: counter,
});
export type QueueDiscipline = z.infer<typeof QueueDiscipline>;

export const HostTime = z.strictObject({
  /** Since the epoch, by the clock of the host. */
  epochSeconds: counter,
  zone: z.strictObject({ name: z.string(), offsetSeconds: z.number() }).optional(),
  clockSources: z
    .array(z.strictObject({ device: z.string(), current: z.string(), available: z.array(z.string()) }))
    .optional(),
  /** adjtimex(2) with the names of node_exporter (`offset_seconds`); no file provides it, so only a node_exporter does. */
  timex: z.record(z.string(), z.number()).optional(),
});
export type HostTime = z.infer<typeof HostTime>;

/** A bonded card. */
export const Bond = z.strictObject({
  device: z.string(),
  members: counter,
  membersUp: counter,
  /** The kernel's name, such as `fault-tolerance (active-backup)`; absent from node_exporter. */
  mode: z.string().optional(),
  /** Members that are up and carry traffic, the active one first, if there is one; absent if unknown. */
  carriers: z.array(z.string()).optional(),
});
export type Bond = z.infer<typeof Bond>;

export const Nvme = z.strictObject({
  device: z.string(),
  firmwareRevision: z.string(),
  model: z.string(),
  serial: z.string(),
  state: z.string(),
});
export type Nvme = z.infer<typeof Nvme>;

/** The busiest 100 ms since the last reading that is at least 30 s old: averages hide bursts. */
export const Bursts = z.strictObject({
  windowSeconds: positive,
  /** Busy share of the busiest core in the window. */
  coreRatio: counter.optional(),
  /** As counted by the kernel; on the wire there are 24 more bytes per packet. */
  links: z.array(
    z.strictObject({ device: z.string(), receiveWireBytesPerSecond: counter, transmitWireBytesPerSecond: counter }),
  ),
});
export type Bursts = z.infer<typeof Bursts>;

/** Memory management settings: huge pages (`always`, `madvise` or `never`) and swappiness (0–200). */
export const MemorySettings = z
  .strictObject({ transparentHugePages: z.string(), swappiness: counter, maxMapCount: counter })
  .partial();
export type MemorySettings = z.infer<typeof MemorySettings>;

export const HostReading = z.strictObject({
  /** The host's monotonic clock, for differences between readings. */
  uptimeSeconds: counter.optional(),
  cpus: z.array(CpuTimes).optional(),
  load: z.strictObject({ one: counter, five: counter, fifteen: counter }).optional(),
  /** /proc/meminfo in bytes, keyed by the kernel's own names (MemTotal, MemAvailable, Cached, Dirty…). */
  memoryBytes: z.record(z.string(), counter).optional(),
  /** Lines of /proc/meminfo without a unit, in pages: HugePages_Total, HugePages_Free… */
  hugePages: z.record(z.string(), counter).optional(),
  memorySettings: MemorySettings.optional(),
  pressure: z.strictObject({ cpu: Pressure, io: Pressure, memory: Pressure }).partial().optional(),
  disks: z.array(DiskDevice).optional(),
  fileSystems: z.array(FileSystem).optional(),
  networkDevices: z.array(NetworkDevice).optional(),
  links: z.array(Link).optional(),
  bonds: z.array(Bond).optional(),
  kernel: KernelActivity.optional(),
  softnet: z.array(Softnet).optional(),
  /** Keyed as in node_exporter: protocol, underscore, the kernel's name (Tcp_RetransSegs). */
  netstat: z.record(z.string(), z.number()).optional(),
  /** Keyed as in node_exporter: TCP_inuse, UDP6_inuse, sockets_used. */
  sockstat: z.record(z.string(), counter).optional(),
  /** /proc/vmstat by the kernel's names: pgmajfault, pswpin, oom_kill… */
  vmstat: z.record(z.string(), counter).optional(),
  /** Root queues of network cards; absent if tc(8) is missing or denied, or if a node_exporter does not collect them. */
  queues: z.array(QueueDiscipline).optional(),
  time: HostTime.optional(),
  nvme: z.array(Nvme).optional(),
  bursts: Bursts.optional(),
  processes: z.array(ProcessReading).optional(),
  /** Absent if read positions cannot be saved. */
  gcLogs: z.array(GcLogReading).optional(),
  /** Reasons by section name, for sections that are absent although the host may have them. */
  unread: z.record(z.string(), z.string()).optional(),
});
export type HostReading = z.infer<typeof HostReading>;

export type ReadingSection = Exclude<keyof HostReading, 'unread'>;

/** All sections. */
export const readingSections = HostReading.omit({ unread: true }).keyof().options;

/** A disk with its udev properties; unknown properties are empty, as in node_exporter. */
export const DiskIdentity = z.strictObject({
  device: z.string(),
  major: z.string(),
  minor: z.string(),
  path: z.string(),
  wwn: z.string(),
  model: z.string(),
  serial: z.string(),
  revision: z.string(),
});
export type DiskIdentity = z.infer<typeof DiskIdentity>;

/** Source of a figure: `config`, `sysfs`, `inventory`, or free text. */
export const StatedSpeed = z.strictObject({ bitsPerSecond: positive, source: z.string() });
export type StatedSpeed = z.infer<typeof StatedSpeed>;

/** Facts that do not change during a run. */
export const HostInventory = z.strictObject({
  host: z.string(),
  cores: positiveCount.optional(),
  cpuModel: z.string().optional(),
  memoryBytes: counter.optional(),
  os: z.string().optional(),
  kernel: z.string().optional(),
  /** The network cards of the cluster's traffic. `speed` is absent if unknown. */
  networkDevices: z
    .array(z.strictObject({ device: z.string(), speed: StatedSpeed.optional(), driver: z.string().optional() }))
    .optional(),
  /** Speeds that a source of metrics reported; `links` of a reading has more detail. */
  links: z.array(z.strictObject({ device: z.string(), reportedBitsPerSecond: positive.optional() })).optional(),
  /** IP addresses of the machine. */
  addresses: z.array(z.string()).optional(),
  /** Every card with a known speed, including cards without cluster traffic. */
  knownSpeeds: z.array(z.strictObject({ device: z.string(), speed: StatedSpeed })).optional(),
  diskIdentities: z.array(DiskIdentity).optional(),
  disks: z
    .array(
      z.strictObject({
        device: z.string(),
        sizeBytes: counter.optional(),
        /** Only in runs of older versions, on macOS. */
        kind: z.string().optional(),
        /** Part of an LVM volume or an array, whose size counts instead. */
        isMember: z.literal(true).optional(),
      }),
    )
    .optional(),
  /** vm.dirty_expire_centisecs in seconds, and the dirty bytes at which writers are throttled. */
  writeback: z.strictObject({ expireSeconds: counter, dirtyThresholdBytes: counter.optional() }).optional(),
});
export type HostInventory = z.infer<typeof HostInventory>;
