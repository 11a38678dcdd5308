// Reads when a host was started, which the kernel counts the start of its processes from.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseKernelActivity } from '../proc/stat.ts';

/** @returns seconds since the epoch, by the clock of the host */
export async function readBootTime(files: HostFiles, procfs: string, io: Io): Promise<number | undefined> {
  const path = join(procfs, 'stat');
  const { texts } = await files.readAll([path], io);
  return parseKernelActivity(texts.get(path) ?? '')?.bootTimeSeconds;
}
