// Defines the settings of a host: kernel, disks, mounts and addresses; what it does not have is absent.

export interface HostSettings {
  /** As sysctl names and prints them: `vm.swappiness`, `4096 131072 6291456`. */
  sysctls: Readonly<Record<string, string>>;
  /** Why a setting is absent though the machine may have it, by its name; one that this kernel does not know is not there. */
  unread: Readonly<Record<string, string>>;
  /** Transparent huge pages: the mode in force of `enabled` and `defrag`. */
  hugePages: Readonly<Partial<Record<'enabled' | 'defrag', string>>>;
  disks: readonly DiskSettings[];
  mounts: readonly MountSettings[];
  /** Settings in sysctl.d files, in reading order; the last one of a key applies at the next boot. Absent where none can be read. */
  persisted?: readonly { file: string; key: string; value: string }[];
  /** The card that has each own address. */
  cards: Readonly<Record<string, string>>;
}

export interface DiskSettings {
  device: string;
  /** The scheduler in force: `mq-deadline`, `none`… */
  scheduler?: string;
  isRotational?: boolean;
  /** Of the device mapper: its name below /dev/mapper. */
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
