// Derives GC log paths from JVM options; placeholders that only the JVM can fill in become wildcards.

import { join } from 'node:path/posix';

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
