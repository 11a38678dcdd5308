import { expect, test } from 'vitest';
import { entriesIn } from '../../../cli/command-list.ts';
import { commands } from '../../../cli/registry.ts';
import { runWords } from '../../support/run-words.ts';

const renamed = [
  ['preflight', 'cluster check'],
  ['worth', 'ab-test'],
  ['ledger add', 'history add'],
  ['ledger show', 'history show'],
  ['ledger export', 'history export'],
  ['ledger backup', 'history backup'],
  ['ledger restore', 'history restore'],
] as const;

test('each renamed command is tested here', () => {
  const former = entriesIn(commands).flatMap(({ formerly }) => formerly ?? []);
  expect(former.toSorted()).toEqual(renamed.map(([name]) => name).toSorted());
});

test.each(renamed)('%s still works, and names %s', async (former, present) => {
  const { exitCode, stdout, stderr } = await runWords(...former.split(' '), '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Usage: plimsoll ${present}`);
  expect(stderr).toContain(`\`plimsoll ${former}\` is now \`plimsoll ${present}\``);
});
