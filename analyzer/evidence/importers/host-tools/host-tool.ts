// Defines a host tool importer: it recognises the output of one tool and reads rates and printed times from it.

import type { HostRates, JvmRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import type { LocalDate } from './printed-time.ts';

/** When an interval ended, as printed. */
export type PrintedTime =
  | { kind: 'instant'; epochMs: number }
  /** Wall clock of a machine that does not name its zone. `dates` are all the dates the text may mean; none was printed where it is empty. */
  | { kind: 'local'; dates: readonly LocalDate[]; secondOfDay: number }
  /** Only the order is known. */
  | {
      kind: 'order';
      /** The first line is printed when the tool starts, not an interval later. */
      isPrintedAtStart?: true;
    };

export interface ToolReading {
  at: PrintedTime;
  /** Absent where it follows from the reading before. */
  intervalSeconds?: number;
  host?: HostRates;
  jvm?: JvmRates;
}

export interface ToolReadings {
  hostName?: string;
  cores?: number;
  /** In the order of the text. */
  readings: readonly ToolReading[];
  /** What the text contains and is not used, as text, with counts. */
  left: ReadonlyMap<string, number>;
}

export interface HostToolImporter {
  /** What the tool is called, for people. */
  readonly tool: string;
  /** @param head the first 64 KiB */
  detect(head: string): boolean;
  /** @throws AppError readings-unreadable */
  import(text: string): ToolReadings;
}
