// Parses the open files limit in /proc/PID/limits.

/**
 * Parses `Max open files            20000                20000                files`: the soft limit is the effective
 * one.
 */
export function parseOpenFilesLimit(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)\s/m.exec(text) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
