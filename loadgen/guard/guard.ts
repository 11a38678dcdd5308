// Defines the guard, which stops a load before it does harm.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';

export type Breach = Omit<Extract<JournalLine, { kind: 'guard' }>, 'kind' | 'elapsedSeconds'>;

export interface Guard {
  /** Looks until the signal aborts; calls back at once for every breach seen. */
  watch(io: { signal: AbortSignal; onBreach: (breach: Breach) => void }): Promise<void>;
  /** What the workers reported, and which of them were lost. */
  observe(lines: readonly JournalLine[]): void;
  /** Judges what was reported of the last second of a load that is over. */
  completeSecond(): void;
  /** What was read of hosts and cluster. */
  see(records: readonly TelemetryRecord[]): void;
}
