// Parses the open files limit in /proc/PID/limits.

/** `Max open files            20000                20000                files`: the soft limit is the one that refuses. */
export function parseOpenFilesLimit(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)\s/m.exec(text) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
