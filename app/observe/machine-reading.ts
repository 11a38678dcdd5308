// Reads a host once: its inventory, and everything that readiness and the cluster check need.

import type { Clock } from '../../core/clock.ts';
import type { ReadingSection } from '../../core/documents/evidence/host-reading.ts';
import { AppError } from '../../core/errors.ts';
import type { HostProbe } from '../../hosts/probe.ts';

const judged: ReadonlySet<ReadingSection> = new Set([
  'cpus',
  'disks',
  'fileSystems',
  'memoryBytes',
  'memorySettings',
  'networkDevices',
  'links',
  'bonds',
  'softnet',
  'time',
  'processes',
  'gcLogs',
]);

type Io = { signal: AbortSignal };

export type MachineReading = Awaited<ReturnType<typeof readMachine>>;

/** Slow processes and GC logs arrive in one of the following readings. */
const mostReadings = 3;

/** @returns when the sample was requested, on the monotonic clock, and the reading */
export async function readMachine(probe: HostProbe, clock: Clock, io: Io) {
  const inventory = await probe.describe(io);
  for (let reading = 1; ; reading += 1) {
    const requestedAt = clock.monotonic();
    const read = await probe.sample(judged, io);
    if (read.unread?.['processes'] === undefined || reading === mostReadings) {
      return { requestedAt, inventory, reading: read };
    }
  }
}

/** @returns the reading of a host, or why it could not be read in time */
export async function readWithin<Read>(
  host: string,
  patienceSeconds: number,
  { signal }: Io,
  read: (io: Io) => Promise<Read>,
): Promise<Read | { trouble: string }> {
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) };
  try {
    return await read(io);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) return { trouble: cause.message };
    if (io.signal.aborted) return { trouble: `host ${host} did not answer within ${patienceSeconds} s` };
    throw cause;
  }
}
