// Checks that the committed generated files are up to date.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generated } from '../../tools/generated.ts';

/** The page of commands loads all of them, which takes 20 s on a busy machine. */
const longestMs = 120_000;

test.each(generated.map((row) => [row.path, row] as const))(
  '%s equals the output of `npm run update-golden`',
  async (path, { render }) => {
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(await render());
  },
  longestMs,
);
