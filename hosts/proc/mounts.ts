// Parses /proc/1/mounts; a file system mounted twice on the same path counts once.

import type { FileSystem } from '../../core/documents/evidence/host-reading.ts';
import type { MountSettings } from '../../core/documents/evidence/host-settings.ts';
import { wholeLines } from './whole-lines.ts';

/** Limit of mounts; additional ones would be container mounts, which are skipped anyway. */
const mostMounts = 1000;

/** Types that node_exporter excludes: virtual file systems, and those of containers. */
const excludedTypes =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$/;
/**
 * Paths that node_exporter excludes, and those of user sessions; not pod volumes, where a broker may store its
 * messages.
 */
const excludedPlaces =
  /^\/(dev|proc|run\/(credentials|k3s\/containerd|user)\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;

/*
 *   /dev/vda / ext4 rw,relatime,discard 0 0       man 5 fstab: spaces in names are \040, tabs \011
 */
export function parseMounts(text: string): FileSystem[] {
  return parseMountSettings(text).map(({ options, ...mount }) => ({ ...mount, isReadOnly: options.includes('ro') }));
}

export function parseMountSettings(text: string): MountSettings[] {
  const mounts = new Map<string, MountSettings>();
  for (const line of wholeLines(text)) {
    const [device, place, type, options] = line.split(' ');
    if (device === undefined || place === undefined || type === undefined || options === undefined) continue;
    const mountpoint = place.replaceAll('\\040', ' ').replaceAll('\\011', '\t');
    if (excludedTypes.test(type) || excludedPlaces.test(mountpoint)) continue;
    const key = `${device} ${place} ${type}`;
    if (mounts.has(key)) continue;
    mounts.set(key, { device, mountpoint, type, options: options.split(',') });
    if (mounts.size === mostMounts) break;
  }
  return [...mounts.values()];
}
