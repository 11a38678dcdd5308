// Checks that pages use the terms of docs/glossary.md: no banned phrase, and each term to use instead is defined.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bannedIn, bannedPhrases, proseOf } from '../support/banned-phrases.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

/**
 * Pages that still have banned phrases. Remove a page once it has none; add none. The pages made from code
 * (commands, config, errors, metrics, rules) have the texts of help, errors and metrics.
 */
const notConverted: ReadonlySet<string> = new Set([
  'docs/errors.md',
  'docs/reference/cli.md',
  'docs/reference/config.md',
  'docs/reliability.md',
]);

const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository });
/** The blocks of this page are prose: what options mean. */
const isAllProse = (path: string) => path === 'docs/reference/cli.md';
const found = new Map(pages.map((path) => [path, bannedIn(isAllProse(path) ? read(path) : proseOf(read(path)))]));

test.each(pages.filter((path) => !notConverted.has(path)))('%s has no banned phrase', (path) =>
  expect(found.get(path)).toEqual([]),
);

test('each page that is not converted exists and still has banned phrases: remove the others from the list', () =>
  expect([...notConverted].filter((path) => (found.get(path) ?? []).length === 0)).toEqual([]));

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
