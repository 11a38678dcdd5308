// Defines the guard, which stops a load before it causes damage.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import type { WatchedLimit } from '../../core/documents/watched-limit.ts';

export type Breach = Omit<Extract<JournalLine, { kind: 'guard' }>, 'kind' | 'elapsedSeconds'>;

export interface Guard {
  /** Watches until the signal aborts; reports every breach at once. */
  watch(io: { signal: AbortSignal; onBreach: (breach: Breach) => void }): Promise<void>;
  /** Receives the reports of workers, including lost workers. */
  observe(lines: readonly JournalLine[]): void;
  /** Judges the last second of a load that has ended. */
  completeSecond(): void;
  /** Receives telemetry of hosts and cluster. */
  see(records: readonly TelemetryRecord[]): void;
  /** Limits that have a value. */
  limits(): readonly WatchedLimit[];
}
