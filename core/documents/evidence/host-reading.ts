// Defines a reading of a host: raw counters in base units; a section that could not be read is absent.
// Counters beyond 2^53 are the nearest double, which is all that Prometheus and JSON keep of them.

import { z } from 'zod';
import { GcLogReading } from './gc-log-reading.ts';
import { Pressure } from './pressure.ts';
import { ProcessReading } from './process-reading.ts';
import { count, positive, positiveCount } from '../values.ts';

const counter = z.number().nonnegative();

/** Seconds spent per mode since boot. `iowait` is idle time that waited for a disk: it is not work. */
export const CpuTimes = z.strictObject({
  /** The kernel's number of this core, where it is not its place in the list because a core is offline. */
  cpu: count.optional(),
  user: counter,
  nice: counter,
  system: counter,
  idle: counter,
  iowait: counter,
  irq: counter,
  softirq: counter,
  steal: counter,
  /** Virtual machines run on this core; counted in user and nice already. */
  guest: counter.optional(),
  guestNice: counter.optional(),
});
export type CpuTimes = z.infer<typeof CpuTimes>;

/** Every second of a core is in one of them. In the order of /proc/stat. */
export const cpuModes = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
] as const satisfies (keyof CpuTimes)[];
export type CpuMode = (typeof cpuModes)[number];

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

/** Attributes of a card as its driver reports them; the speed may be made up, and so is no capacity. */
export const Link = z.strictObject({
  device: z.string(),
  /** DEVTYPE of its uevent: `vlan`, `bond`, `bridge`…; plain cards have none. */
  kind: z.string().optional(),
  /** Names of text files below /sys/class/net/DEVICE: operstate, duplex, address, broadcast, ifalias. */
  words: z.record(z.string(), z.string()),
  /** … and those that hold a number: mtu, carrier, carrier_changes, ifindex, flags… */
  numbers: z.record(z.string(), counter),
  reportedBitsPerSecond: positive.optional(),
});
export type Link = z.infer<typeof Link>;

/** A mounted file system; if `size` could not be read it is absent, and `error` has the reason. */
export const FileSystem = z.strictObject({
  device: z.string(),
  mountpoint: z.string(),
  type: z.string(),
  isReadOnly: z.boolean(),
  size: z
    .strictObject({
      totalBytes: counter,
      freeBytes: counter,
      /** What a user who is not root may still write. */
      availableBytes: counter,
      files: counter,
      filesFree: counter,
    })
    .optional(),
  /** The reader may not enter a folder above it: the file system may be well. */
  isRefused: z.boolean().optional(),
  error: z.string().optional(),
});
export type FileSystem = z.infer<typeof FileSystem>;

/** What the kernel did as a whole, since boot, and the two gauges beside it. */
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

/** Network packets that a core took from the cards, dropped, and the times it had to leave some for later. */
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
  /** Times a packet had to wait because the queue may not send as fast. */
  overlimits: counter,
});
export type QueueDiscipline = z.infer<typeof QueueDiscipline>;

export const HostTime = z.strictObject({
  /** Since the epoch, by the clock of the machine. */
  epochSeconds: counter,
  zone: z.strictObject({ name: z.string(), offsetSeconds: z.number() }).optional(),
  clockSources: z
    .array(z.strictObject({ device: z.string(), current: z.string(), available: z.array(z.string()) }))
    .optional(),
  /** adjtimex(2) as node_exporter names it (`offset_seconds`); no file holds it, so only a node_exporter provides it. */
  timex: z.record(z.string(), z.number()).optional(),
});
export type HostTime = z.infer<typeof HostTime>;

/** A bonded card. */
export const Bond = z.strictObject({
  device: z.string(),
  members: counter,
  membersUp: counter,
  /** As the kernel names it: `fault-tolerance (active-backup)`; node_exporter does not provide it. */
  mode: z.string().optional(),
  /** Members that are up and carry traffic, the active one first where there is one; absent if unknown. */
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

/** The busiest 100 ms since the last reading at least 30 s ago: bursts vanish in averages. */
export const Bursts = z.strictObject({
  windowSeconds: positive,
  /** Share of the window in which the busiest core worked. */
  coreRatio: counter.optional(),
  /** As counted by the kernel; wire bytes are 24 a packet more. */
  links: z.array(
    z.strictObject({ device: z.string(), receiveWireBytesPerSecond: counter, transmitWireBytesPerSecond: counter }),
  ),
});
export type Bursts = z.infer<typeof Bursts>;

/** How memory is managed: huge pages (`always`, `madvise` or `never`) and the will to swap (0–200). */
export const MemorySettings = z
  .strictObject({ transparentHugePages: z.string(), swappiness: counter, maxMapCount: counter })
  .partial();
export type MemorySettings = z.infer<typeof MemorySettings>;

export const HostReading = z.strictObject({
  /** The machine's own steady clock, for differences between readings. */
  uptimeSeconds: counter.optional(),
  cpus: z.array(CpuTimes).optional(),
  load: z.strictObject({ one: counter, five: counter, fifteen: counter }).optional(),
  /** /proc/meminfo in bytes, keyed by the kernel's own names (MemTotal, MemAvailable, Cached, Dirty…). */
  memoryBytes: z.record(z.string(), counter).optional(),
  /** Its lines without a unit, in pages: HugePages_Total, HugePages_Free… */
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
  /** Keyed as node_exporter does: protocol, underscore, the kernel's name (Tcp_RetransSegs). */
  netstat: z.record(z.string(), z.number()).optional(),
  /** Keyed likewise: TCP_inuse, UDP6_inuse, sockets_used. */
  sockstat: z.record(z.string(), counter).optional(),
  /** /proc/vmstat by the kernel's names: pgmajfault, pswpin, oom_kill… */
  vmstat: z.record(z.string(), counter).optional(),
  /** Root queues of network cards; absent where tc(8) is missing or refused, and where a node_exporter does not collect them. */
  queues: z.array(QueueDiscipline).optional(),
  time: HostTime.optional(),
  nvme: z.array(Nvme).optional(),
  bursts: Bursts.optional(),
  processes: z.array(ProcessReading).optional(),
  /** Absent where read positions cannot be saved. */
  gcLogs: z.array(GcLogReading).optional(),
  /** Why a section is absent though the machine may have it, by its name. */
  unread: z.record(z.string(), z.string()).optional(),
});
export type HostReading = z.infer<typeof HostReading>;

export type ReadingSection = Exclude<keyof HostReading, 'unread'>;

/** All there are. */
export const readingSections = HostReading.omit({ unread: true }).keyof().options;

/** A disk with its udev properties; an unknown one is empty, as in node_exporter. */
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

/** What does not change during a run. */
export const HostInventory = z.strictObject({
  host: z.string(),
  cores: positiveCount.optional(),
  cpuModel: z.string().optional(),
  memoryBytes: counter.optional(),
  os: z.string().optional(),
  kernel: z.string().optional(),
  /** The network cards that carry the cluster's traffic. `speed` is absent when unknown. */
  networkDevices: z
    .array(z.strictObject({ device: z.string(), speed: StatedSpeed.optional(), driver: z.string().optional() }))
    .optional(),
  /** Speeds that a source of metrics reported; `links` of a reading has more detail. */
  links: z.array(z.strictObject({ device: z.string(), reportedBitsPerSecond: positive.optional() })).optional(),
  /** IP addresses of the machine. */
  addresses: z.array(z.string()).optional(),
  /** Every card whose real speed is known, including cards without cluster traffic. */
  knownSpeeds: z.array(z.strictObject({ device: z.string(), speed: StatedSpeed })).optional(),
  diskIdentities: z.array(DiskIdentity).optional(),
  disks: z
    .array(
      z.strictObject({
        device: z.string(),
        sizeBytes: counter.optional(),
        kind: z.string().optional(),
        /** Part of LVM volumes or an array, whose size counts instead. */
        isMember: z.literal(true).optional(),
      }),
    )
    .optional(),
  /** vm.dirty_expire_centisecs in seconds, and the bytes at which writers are made to wait. */
  writeback: z.strictObject({ expireSeconds: counter, dirtyThresholdBytes: counter.optional() }).optional(),
});
export type HostInventory = z.infer<typeof HostInventory>;
