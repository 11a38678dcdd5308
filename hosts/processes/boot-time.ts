// Reads the boot time of a host, from which the kernel counts process start times.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseKernelActivity } from '../proc/stat.ts';

/** @returns seconds since the epoch, by the host's clock */
export async function readBootTime(files: HostFiles, procfs: string, io: Io): Promise<number | undefined> {
  const path = join(procfs, 'stat');
  const { texts } = await files.readAll([path], io);
  return parseKernelActivity(texts.get(path) ?? '')?.bootTimeSeconds;
}
