// Defines a host tool importer: it recognises the output of one tool and reads rates and printed times from it.

import type { HostRates, JvmRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import type { LocalDate } from './printed-time.ts';

/** End of an interval, as printed. */
export type PrintedTime =
  | { kind: 'instant'; epochMs: number }
  /** Wall clock of a host without a stated zone. `dates`: all possible meanings of the text; empty if no date was printed. */
  | { kind: 'local'; dates: readonly LocalDate[]; secondOfDay: number }
  /** Only the order is known. */
  | {
      kind: 'order';
      /** The first line is printed at the start of the tool, not an interval later. */
      isPrintedAtStart?: true;
    };

export interface ToolReading {
  at: PrintedTime;
  /** Absent if it follows from the previous reading. */
  intervalSeconds?: number;
  host?: HostRates;
  jvm?: JvmRates;
}

export interface ToolReadings {
  hostName?: string;
  cores?: number;
  /** In text order. */
  readings: readonly ToolReading[];
  /** Unused content of the text, as a description, with counts. */
  left: ReadonlyMap<string, number>;
}

export interface HostToolImporter {
  /** Name of the tool, for display. */
  readonly tool: string;
  /** @param head the first 64 KiB */
  detect(head: string): boolean;
  /** @throws AppError readings-unreadable */
  import(text: string): ToolReadings;
}
