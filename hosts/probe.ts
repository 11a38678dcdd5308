// How is a machine read? One interface; local now, SSH and node_exporter beside it.

import type { HostInventory, HostReading } from '../core/host-reading.ts';

export interface HostProbe extends AsyncDisposable {
  /** What does not change: cores, memory, cards with their speed and its source, disks. */
  describe(io: { signal: AbortSignal }): Promise<HostInventory>;
  /** Raw counters now; a section this machine does not have is absent. @throws AppError host-unreadable when nothing can be read */
  sample(io: { signal: AbortSignal }): Promise<HostReading>;
}
