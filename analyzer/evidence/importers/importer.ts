// Defines a result importer: it recognises one kind of result folder and converts it to the input of the analysis.

import type { LoadTestRun, ReadingsRun } from '../load-test-run.ts';

export type ImportedRun = { origin: 'load-test'; run: LoadTestRun } | { origin: 'readings'; run: ReadingsRun };

export interface ImportOptions {
  /** Seconds at the start of each step whose latencies are left out. */
  settleSeconds: number;
  signal?: AbortSignal | undefined;
}

export interface ResultImporter {
  /** @param names what the folder holds */
  detect(names: readonly string[]): boolean;
  /** @throws AppError run-unreadable, run-newer-schema or run-edited */
  import(directory: string, options: ImportOptions): Promise<ImportedRun>;
}
