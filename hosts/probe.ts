// Defines how a host is read; implementations read kernel files (local, SSH) or a node_exporter.

import type { HostSettings } from '../core/documents/evidence/host-settings.ts';
import type { HostInventory, HostReading, ReadingSection } from '../core/documents/evidence/host-reading.ts';
import type { PauseCounts } from './gc-tail/pause-counts.ts';

export interface HostProbe extends AsyncDisposable {
  /** What does not change: cores, memory, cards with their speed and its source, disks. */
  describe(io: { signal: AbortSignal }): Promise<HostInventory>;
  /**
   * Raw counters now, of the sections wanted and no others; one this machine does not have is absent.
   * @throws AppError host-unreadable when nothing can be read
   */
  sample(wanted: ReadonlySet<ReadingSection>, io: { signal: AbortSignal }): Promise<HostReading>;
  /** Reads the settings of the host on each call; absent from a probe that cannot read them. @throws AppError host-unreadable */
  settings?(io: { signal: AbortSignal }): Promise<HostSettings>;
  /** Follows the GC logs of the machine from their ends; absent from a probe that reads no files. Closed before the probe. */
  countPauses?(): PauseCounts;
}
