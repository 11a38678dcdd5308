// Defines how a host is read; implementations read kernel files (local, SSH) or node_exporter.

import type { HostSettings } from '../core/documents/evidence/host-settings.ts';
import type { HostInventory, HostReading, ReadingSection } from '../core/documents/evidence/host-reading.ts';
import type { PauseCounts } from './gc-tail/pause-counts.ts';

export interface HostProbe extends AsyncDisposable {
  /** Returns facts that do not change: cores, memory, cards with their speed and its source, disks. */
  describe(io: { signal: AbortSignal }): Promise<HostInventory>;
  /**
   * Returns current raw counters of the requested sections only; sections that this machine does not have are absent.
   * @throws AppError host-unreadable if nothing can be read
   */
  sample(wanted: ReadonlySet<ReadingSection>, io: { signal: AbortSignal }): Promise<HostReading>;
  /**
   * Reads the settings of the host on each call; absent if the probe cannot read them.
   * @throws AppError host-unreadable
   */
  settings?(io: { signal: AbortSignal }): Promise<HostSettings>;
  /**
   * Follows the GC logs of the machine from their ends; absent if the probe reads no files. Dispose it before the
   * probe.
   */
  countPauses?(): PauseCounts;
}
