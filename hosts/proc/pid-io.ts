// How many bytes did a process fetch from disks and send to them? From /proc/PID/io.

/** `read_bytes: 15863808` and `write_bytes: 216743936`; what it wrote and deleted before it reached a disk is in `cancelled_write_bytes`. */
export function parsePidIo(text: string): { readBytes: number; writtenBytes: number } | undefined {
  const [, read] = /^read_bytes: (\d+)\n/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)\n/m.exec(text) ?? [];
  return read === undefined || written === undefined
    ? undefined
    : { readBytes: Number(read), writtenBytes: Number(written) };
}
