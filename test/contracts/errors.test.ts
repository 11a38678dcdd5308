// Checks that every fault is thrown, has a message and hint, and has a documented exit code.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { exitCodes, faults } from '../../core/errors.ts';
import { productFiles } from '../support/source-files.ts';

const sources = await Promise.all(
  productFiles()
    .filter(({ path }) => path !== 'core/errors.ts')
    .map(({ url }) => readFile(url, 'utf8')),
);

test.each(Object.entries(faults))(
  '%s is used by the product, and its hint says what to do',
  (code, { exitCode, hint }) => {
    expect(
      sources.some((text) => text.includes(`'${code}'`)),
      `no product file names '${code}'`,
    ).toBe(true);
    expect(Object.values(exitCodes)).toContain(exitCode);
    expect(hint).toMatch(/^\S.*[^.\s]$/);
  },
);
