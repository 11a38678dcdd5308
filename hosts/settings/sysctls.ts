// Lists and reads the kernel settings that affect a broker, one file per setting below /proc/sys.

import { join } from 'node:path/posix';
import type { FileTexts } from '../host-files.ts';
import { wholeLines } from '../proc/whole-lines.ts';
import type { LinuxRoots } from '../linux/roots.ts';

/** Settings of memory and disks, which apply to the whole machine. */
const ofMachine = [
  'vm.overcommit_memory',
  'vm.max_map_count',
  'vm.swappiness',
  'vm.min_free_kbytes',
  'vm.extra_free_kbytes',
  'vm.dirty_background_ratio',
  'vm.dirty_ratio',
  'vm.dirty_writeback_centisecs',
  'vm.dirty_expire_centisecs',
  'vm.zone_reclaim_mode',
  'vm.page-cluster',
  'fs.file-max',
  'kernel.osrelease',
  'kernel.pid_max',
  'kernel.threads-max',
];

/** Settings of the network, which belong to a namespace; /proc/sys shows the reader's namespace. */
const ofNetwork = [
  'net.core.somaxconn',
  'net.core.rmem_max',
  'net.core.wmem_max',
  'net.core.netdev_max_backlog',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_slow_start_after_idle',
];

export const knownSysctls: readonly string[] = [...ofMachine, ...ofNetwork];

const sysctlPath = ({ procfs }: Pick<LinuxRoots, 'procfs'>, key: string) => join(procfs, 'sys', ...key.split('.'));

export const sysctlFiles = (roots: LinuxRoots): string[] =>
  [...ofMachine, ...(roots.isNetOfSysfs ? ofNetwork : [])].map((key) => sysctlPath(roots, key));

/** A missing file means that this kernel does not have the setting; other failures are reported. */
export function sysctlsIn(
  { texts, failures }: FileTexts,
  roots: LinuxRoots,
): { sysctls: Record<string, string>; unread: Record<string, string> } {
  const sysctls: Record<string, string> = {};
  const unread: Record<string, string> = {};
  for (const key of knownSysctls) {
    const path = sysctlPath(roots, key);
    const text = texts.get(path);
    const failure = failures.get(path);
    if (text !== undefined) sysctls[key] = text.trim().replaceAll(/\s+/g, ' ');
    else if (failure !== undefined && failure !== 'ENOENT') unread[key] = `${path}: ${failure}`;
  }
  if (!roots.isNetOfSysfs) {
    for (const key of ofNetwork) unread[key] = `its network namespace is another one than that of ${roots.procfs}/sys`;
  }
  return { sysctls, unread };
}

/*
 * man 5 sysctl.d   key = value     # and ; begin comments, a `-` before the key ignores failures,
 *                  key/with/slashes is the same key
 */
export function parseSysctlFile(text: string): { key: string; value: string }[] {
  return wholeLines(`${text}\n`).flatMap((line) => {
    const [, name, value] = /^\s*-?([^#;=\s][^=\s]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const key = /^[^.]*\//.test(name) ? name.replaceAll('/', '.') : name;
    return [{ key, value: value.replaceAll(/\s+/g, ' ') }];
  });
}
