// Fills the table of formats in docs/reference/importers.md from the registry of load-test importers.

import { readFile } from 'node:fs/promises';
import { loadTests } from '../analyzer/evidence/importers/load-tests/registry.ts';

const [begin, end] = ['<!-- generated: formats -->', '<!-- /generated -->'];

export async function renderImportersPage(): Promise<string> {
  const page = await readFile(new URL('../docs/reference/importers.md', import.meta.url), 'utf8');
  const rows = Object.values(loadTests).map(({ tool, reads }) => `| ${tool} | ${reads} |`);
  const table = ['', '| tool | reads |', '| - | - |', ...rows, ''].join('\n');
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n${table}\n${page.slice(page.indexOf(end))}`;
}
