// Writes the sections of docs/truth.md that the full matrix measures.

import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readCommit, updateEvidencePage } from '../../tools/evidence-page.ts';

const page = fileURLToPath(new URL('../../docs/truth.md', import.meta.url));

export interface TruthSection {
  /** Names the section; the section of this heading is replaced, and no other. */
  heading: string;
  /** Lines above the table: what was done, and how the columns are to be read. */
  says: readonly string[];
  /** Lines of a Markdown table. */
  table: readonly string[];
  /** Line of figures for the list of attempts. */
  outcome: string;
}

/** Replaces one section of docs/truth.md and appends the attempt. */
export async function writeTruthSection({ heading, says, table, outcome }: TruthSection): Promise<void> {
  const command = 'npm run test:full';
  const commit = await readCommit();
  const at = new Date();
  const made = `Made by \`${command}\` at ${commit} on ${at.toISOString()} (${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}); not edited by hand.`;
  const body = [...says, made, '', ...table].join('\n');
  await updateEvidencePage(page, { section: { heading, body }, attempt: { command, commit, at, outcome } });
}
