// Writes the sections of docs/evidence/truth.md that the full matrix measures.

import { cpus } from 'node:os';
import { readCommit, updateEvidencePage } from '../support/evidence-page.ts';
import { keepRows, type EvidenceTable } from '../support/evidence-table.ts';

/** Replaces one section of docs/evidence/truth.md and appends the attempt. @param outcome figures for the list of attempts, one line */
export async function writeTruthSection(
  table: Omit<EvidenceTable, 'page'>,
  rows: readonly (readonly string[])[],
  outcome: string,
): Promise<void> {
  const command = 'npm run test:full';
  const commit = await readCommit();
  const at = new Date();
  const made = `Made by \`${command}\` at ${commit} on ${at.toISOString()} (${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}).`;
  await keepRows({ ...table, page: 'docs/evidence/truth.md' }, rows, made);
  await updateEvidencePage('docs/evidence/truth.md', { attempt: { command, commit, at, outcome } });
}
