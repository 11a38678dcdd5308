// Defines an export format: files made from the streamed journal.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { LoadTestDocument } from '../../plan/stored-workload.ts';

export interface ExportedRun {
  document: LoadTestDocument;
  /** Reads the journal from the beginning on each call. */
  lines(): AsyncIterable<JournalLine>;
  /** Reports facts that the file itself cannot express. */
  notice(text: string): void;
}

export interface ExportedFile {
  /** File name, used if the output is a folder. */
  name: string;
  /** Chunks of one or more whole lines. */
  text: AsyncIterable<string>;
}

export interface ExportFormat {
  summary: string;
  /** Read each file to its end before the next one. */
  files(run: ExportedRun): AsyncIterable<ExportedFile>;
}
