// Checks that pages use the terms of docs/glossary.md: no banned phrase, and each term to use instead is defined.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bannedIn, bannedPhrases, proseOf } from '../support/banned-phrases.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository });
/** The blocks of this page are prose: what options mean. */
const isAllProse = (path: string) => path === 'docs/reference/cli.md';

test.each(pages)('%s has no banned phrase', (path) =>
  expect(bannedIn(isAllProse(path) ? read(path) : proseOf(read(path)))).toEqual([]),
);

test('the glossary defines each term that replaces a phrase', () => {
  const rows = read('docs/glossary.md').matchAll(/^- \*\*([^*]+)\*\*: /gm);
  const terms = new Set([...rows].flatMap(([, names = '']) => names.split(', ')));
  const needed = new Set(bannedPhrases.flatMap(({ instead }) => instead));
  expect([...needed].filter((term) => !terms.has(term))).toEqual([]);
});

test('code, commands and link targets are no prose', () => {
  const page = 'See [history](history.md) and `plimsoll ledger`.\n\n```\nit is told\n```\n';
  expect(bannedIn(proseOf(page))).toEqual([]);
  expect(bannedIn('Nobody said what binds at 80 %.')).toEqual(['what binds', 'Nobody said', '0 %']);
});
