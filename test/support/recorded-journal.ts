// Reads the journal of a recorded run.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { JournalLine } from '../../core/documents/run-bundle.ts';

/** @param run a folder of test/fixtures/recorded-runs */
export async function recordedJournal(run: string): Promise<JournalLine[]> {
  const path = fileURLToPath(new URL(`../fixtures/recorded-runs/${run}/journal.ndjson`, import.meta.url));
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  return lines.map((line) => JournalLine.parse(JSON.parse(line)));
}
