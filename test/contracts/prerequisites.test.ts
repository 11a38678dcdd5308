import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { prerequisites } from '../support/prerequisites.ts';

const packages = Object.values(prerequisites).flatMap((each) =>
  each.obtain.startsWith('apt-get install ') && !('isOfFullMatrix' in each)
    ? each.obtain.replace('apt-get install ', '').split(' ')
    : [],
);

test.each([...new Set(packages)])('.ci/run installs %s, which a test of the default run requires', async (name) => {
  const run = await readFile(new URL('../../.ci/run', import.meta.url), 'utf8');
  expect(run).toMatch(new RegExp(`(^need \\S+ |missing\\+=\\()${name}\\)?`, 'm'));
});
