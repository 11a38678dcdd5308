// Reads a machine once: its inventory, and everything that readiness and the cluster check judge.

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

/** Processes and GC logs that take longer than the rest are in one of the next readings. */
const mostReadings = 3;

/** @returns when the sample was requested, by the clock's monotonic time, and what was read */
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

/** @returns what was read of a machine, or why nothing could be read within the time */
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
