// Defines the settings of a host: kernel, disks, mounts and addresses. Settings that do not exist are absent.

export interface HostSettings {
  /** Names and values as sysctl prints them: `vm.swappiness`, `4096 131072 6291456`. */
  sysctls: Readonly<Record<string, string>>;
  /** Reasons by setting name, for settings that are absent although the host may have them; not for those unknown to this kernel. */
  unread: Readonly<Record<string, string>>;
  /** Transparent huge pages: the active mode of `enabled` and `defrag`. */
  hugePages: Readonly<Partial<Record<'enabled' | 'defrag', string>>>;
  disks: readonly DiskSettings[];
  mounts: readonly MountSettings[];
  /** Settings in sysctl.d files, in reading order; the last one of a key applies at the next boot. Absent if unreadable. */
  persisted?: readonly { file: string; key: string; value: string }[];
  /** Card by own IP address. */
  cards: Readonly<Record<string, string>>;
}

export interface DiskSettings {
  device: string;
  /** The active scheduler: `mq-deadline`, `none`… */
  scheduler?: string;
  isRotational?: boolean;
  /** For the device mapper: its name below /dev/mapper. */
  mapperName?: string;
  /** For software RAID: `raid1`, `raid5`… */
  raidLevel?: string;
  /** Disks it consists of. */
  members: readonly string[];
}

export interface MountSettings {
  device: string;
  mountpoint: string;
  type: string;
  options: readonly string[];
}
