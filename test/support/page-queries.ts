// Which PromQL does a page of the documentation show its readers? Each by its first comment, as it stands there.

import { readFile } from 'node:fs/promises';

export async function queriesOn(page: string): Promise<{ comment: string; query: string }[]> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```promql\n# ([^\n]*)\n(.*?)^```$/gms)].map(([, comment = '', query = '']) => ({
    comment,
    query,
  }));
}
