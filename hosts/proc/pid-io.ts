// Parses /proc/PID/io: the bytes that a process read from and wrote to disks.

/**
 * Parses `read_bytes: 15863808` and `write_bytes: 216743936`; bytes deleted before they reached a disk are in
 * `cancelled_write_bytes`.
 */
export function parsePidIo(text: string): { readBytes: number; writtenBytes: number } | undefined {
  const [, read] = /^read_bytes: (\d+)\n/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)\n/m.exec(text) ?? [];
  return read === undefined || written === undefined
    ? undefined
    : { readBytes: Number(read), writtenBytes: Number(written) };
}
