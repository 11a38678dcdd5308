// Lists the GC log files of the watched JVMs, with container paths translated to host paths.

import { join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import type { ProcessReading, RunningProcess } from '../../core/documents/evidence/process-reading.ts';
import type { HostFiles, Io } from '../host-files.ts';
import type { LinuxRoots } from '../linux/roots.ts';
import { parseNamespacePids } from '../proc/process.ts';

/** @returns patterns by process name; processes without a log file option are absent */
export async function logsOfProcesses(
  files: Pick<HostFiles, 'readAll' | 'readLinks'>,
  { procfs, rootfs }: Pick<LinuxRoots, 'procfs' | 'rootfs'>,
  processes: readonly ProcessReading[],
  io: Io,
): Promise<Map<string, string[]>> {
  const running = processes.flatMap((each) => (each.state === 'running' ? [[each.name, each.process] as const] : []));
  const logging = running.filter(([, { jvm }]) => gcLogPatterns(jvm.flags, { folder: '/' }).length > 0);
  if (logging.length === 0) return new Map();
  const linkOf = (pid: number | string, name: string) => join(procfs, String(pid), name);
  const linkPaths = logging.flatMap(([, { pid }]) => [linkOf(pid, 'cwd'), linkOf(pid, 'ns/mnt')]);
  const links = await files.readLinks([...linkPaths, linkOf(1, 'ns/mnt')], io);
  const outside = links.get(linkOf(1, 'ns/mnt'));
  const contained = logging.flatMap(([, { pid, isContained }]) => (isContained === true ? linkOf(pid, 'status') : []));
  const { texts } = await files.readAll(contained, io);

  return new Map(logging.map(([name, process]) => [name, patternsOf(process)]));

  function patternsOf({ pid, jvm, isContained }: RunningProcess): string[] {
    const mounts = links.get(linkOf(pid, 'ns/mnt'));
    // Under systemd (PrivateTmp, ProtectSystem) a process may share the host's process ids and have separate mounts.
    const hasOwnMounts = mounts !== undefined && outside !== undefined && mounts !== outside;
    const root = hasOwnMounts ? linkOf(pid, 'root') : rootfs;
    const folder = links.get(linkOf(pid, 'cwd')) ?? '/';
    const ownPid = isContained === true ? parseNamespacePids(texts.get(linkOf(pid, 'status')) ?? '')?.at(-1) : pid;
    return gcLogPatterns(jvm.flags, { folder, ...defined({ pid: ownPid }) }).map((path) => join(root, path));
  }
}

/*
 * JDK 8            -Xloggc:FILE                                     %p becomes pid<PID>, %t the start time
 * JDK 9 and later  -Xlog:gc*:file=FILE:decorators:output options    %p becomes <PID>; `file=` is optional, FILE may be quoted
 */

/** @param jvm its working folder, and its process id if the JVM sees the same id. @returns patterns in config syntax */
export function gcLogPatterns(flags: readonly string[], jvm: { folder: string; pid?: number }): string[] {
  const file = flags.map(fileOf).findLast((path) => path !== undefined);
  if (file === undefined) return [];
  const path = join(file.startsWith('/') ? '' : jvm.folder, file)
    .replaceAll('%t', '*')
    .replaceAll('%hn', '*');
  if (!path.includes('%p')) return [path];
  if (jvm.pid === undefined) return [path.replaceAll('%p', '*')];
  return [`pid${jvm.pid}`, String(jvm.pid)].map((pid) => path.replaceAll('%p', pid));
}

function fileOf(flag: string): string | undefined {
  const [, old] = /^-Xloggc:(.+)$/.exec(flag) ?? [];
  if (old !== undefined) return old;
  const [, what = '', quoted, plain] = /^-Xlog:([^:]*):(?:file=)?(?:"([^"]+)"|([^":]+))/.exec(flag) ?? [];
  const file = quoted ?? plain;
  const isForGc = what === '' || what === 'all' || /(?:^|,)gc\b/.test(what);
  return !isForGc || file === 'stdout' || file === 'stderr' ? undefined : file;
}
