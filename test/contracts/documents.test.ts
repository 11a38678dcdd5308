// Do the pages of the repository still point at things that exist?

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository })
  .filter((path) => !path.endsWith('0000-template.md'))
  .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));

test.each(pages.map((page) => [page.path, page] as const))('every link of %s leads somewhere', (_, { path, text }) => {
  const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
  expect(targets.filter((target) => !existsSync(join(repository, dirname(path), target)))).toEqual([]);
});

test.each(
  pages
    .filter(({ path }) => /^(CONTRIBUTING|docs\/(architecture|how-to))/.test(path))
    .map((page) => [page.path, page] as const),
)('every file %s names is there', (_, { text }) => {
  const named = [...text.matchAll(/`([a-z][\w.-]*\/[\w./-]+\.(?:ts|mjs|yaml|md))`/g)].map(([, file = '']) => file);
  expect(named.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});
