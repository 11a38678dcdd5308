// Defines an export format: files made from the streamed journal.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { LoadTestDocument } from '../../plan/stored-workload.ts';

export interface ExportedRun {
  document: LoadTestDocument;
  /** From the beginning each time it is called. */
  lines(): AsyncIterable<JournalLine>;
  /** What a reader of the file should know and the file cannot say. */
  notice(text: string): void;
}

export interface ExportedFile {
  /** What it is called where a folder is given. */
  name: string;
  /** Whole lines or larger. */
  text: AsyncIterable<string>;
}

export interface ExportFormat {
  summary: string;
  /** Each file is to be read to its end before the next one. */
  files(run: ExportedRun): AsyncIterable<ExportedFile>;
}
