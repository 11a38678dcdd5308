import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

const run = fileURLToPath(new URL('../../../fixtures/recorded-runs/stopped', import.meta.url));

test('the chain is printed when it is asked for, in the language that is asked for', async () => {
  const [plain, chinese] = await Promise.all([
    runWords('analyze', run),
    runWords('analyze', run, '--explain', '--lang', 'zh'),
  ]);
  expect(plain?.stdout).not.toContain('Computation of the safe maximum');
  expect(chinese?.stdout).toContain('安全上限的计算过程');
});

test('a language that is not there is refused with those that are', async () => {
  const { exitCode, stderr } = await runWords('analyze', run, '--explain', '--lang', 'fr');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--lang: "fr" is not one of en, zh')]);
});
