// Checks that every fault is thrown, has a message, a hint and a documented exit code, and that pages show these hints.

import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodes, faults } from '../../core/errors.ts';
import { productFiles } from '../support/source-files.ts';

const sources = await Promise.all(
  productFiles()
    .filter(({ path }) => path !== 'core/errors.ts')
    .map(({ url }) => readFile(url, 'utf8')),
);

test.each(Object.entries(faults))(
  'the product throws %s, which has an exit code and a hint',
  (code, { exitCode, hint }) => {
    expect(
      sources.some((text) => text.includes(`'${code}'`)),
      `no product file names '${code}'`,
    ).toBe(true);
    expect(Object.values(exitCodes)).toContain(exitCode);
    expect(hint).toMatch(/^\S.*[^.\s]$/);
  },
);

test('each hint in the documentation is one that the product prints', () => {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository });
  const shown = pages.flatMap((path) =>
    [...readFileSync(join(repository, path), 'utf8').matchAll(/^ *hint: (.*)$/gm)].map(([, hint = '']) => hint),
  );
  const printed = new Set(Object.values(faults).map(({ hint }) => hint));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((hint) => !printed.has(hint) && !sources.some((text) => text.includes(hint)))).toEqual([]);
});
