// Defines the settings of a host: kernel, disks, mounts and addresses; what it does not have is absent.

export interface HostSettings {
  /** As sysctl names them, `vm.swappiness`, in the kernel's words: `4096 131072 6291456`. */
  sysctls: Readonly<Record<string, string>>;
  /** Why a setting is absent though the machine may have it, by its name; one that this kernel does not know is not there. */
  unread: Readonly<Record<string, string>>;
  /** Transparent huge pages: the mode in force of `enabled` and `defrag`. */
  hugePages: Readonly<Partial<Record<'enabled' | 'defrag', string>>>;
  disks: readonly DiskSettings[];
  mounts: readonly MountSettings[];
  /** What files of sysctl.d say, in the order in which they are read; the last of a key holds at the next start. Absent where none can be read. */
  persisted?: readonly { file: string; key: string; value: string }[];
  /** The card that has each own address. */
  cards: Readonly<Record<string, string>>;
}

export interface DiskSettings {
  device: string;
  /** The scheduler in force: `mq-deadline`, `none`… */
  scheduler?: string;
  isRotational?: boolean;
  /** Of the device mapper: what it is called below /dev/mapper. */
  mapperName?: string;
  /** Of a software RAID: `raid1`, `raid5`… */
  raidLevel?: string;
  /** Disks that it is made of. */
  members: readonly string[];
}

export interface MountSettings {
  device: string;
  mountpoint: string;
  type: string;
  options: readonly string[];
}
