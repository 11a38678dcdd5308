// Extracts the PromQL of a documentation page.

import { readFile } from 'node:fs/promises';

export async function queriesOn(page: string): Promise<{ comment: string; query: string }[]> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```promql\n# ([^\n]*)\n(.*?)^```$/gms)].map(([, comment = '', query = '']) => ({
    comment,
    query,
  }));
}
