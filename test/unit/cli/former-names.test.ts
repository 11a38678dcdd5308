import { describe, expect, test } from 'vitest';
import { defineCommand, text } from '../../../cli/command.ts';
import { commandsIn, entriesIn } from '../../../cli/command-list.ts';
import { parseArguments } from '../../../cli/parse-arguments.ts';
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

test('every renamed command is in the list of this test', () => {
  const former = entriesIn(commands).flatMap(({ formerly }) => formerly ?? []);
  expect(former.toSorted()).toEqual(renamed.map(([name]) => name).toSorted());
});

test.each(renamed)('%s still works, and names %s', async (former, present) => {
  const { exitCode, stdout, stderr } = await runWords(...former.split(' '), '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Usage: plimsoll ${present}`);
  expect(stderr).toContain(`\`plimsoll ${former}\` is now \`plimsoll ${present}\``);
});

const renamedOptions = {
  'ops kafka create-topic': { copies: 'replication-factor' },
  'ops kafka alter-acls': { subject: 'principal', action: 'operation' },
  'history add': { ledger: 'history-db' },
  'history backup': { ledger: 'history-db' },
  'history export': { ledger: 'history-db' },
  'history restore': { ledger: 'history-db' },
  'history show': { ledger: 'history-db' },
  review: { ledger: 'history-db' },
  run: { 'no-ledger': 'no-delivery-check' },
  serve: { ledger: 'history-db' },
  simulate: { world: 'demand' },
  'blast-radius': { world: 'demand' },
  size: { worlds: 'simulations' },
};

test('exactly these options have a former name', async () => {
  const found: Record<string, Record<string, string>> = {};
  for (const { name, load } of commandsIn(commands)) {
    for (const [present, { formerly }] of Object.entries((await load()).options)) {
      if (formerly !== undefined) found[name] = { ...found[name], [formerly]: present };
    }
  }
  expect(found).toEqual(renamedOptions);
});

describe('the former name of an option', () => {
  const definition = defineCommand({
    positionals: 'WORD',
    options: { simulations: { ...text('N', 'how many'), formerly: 'worlds' } },
    examples: [],
    run: async () => 0,
  });
  const command = { name: 'sum', ...definition };

  test.each([
    ['as two words', ['--worlds', '64']],
    ['with its value attached', ['--worlds=64']],
    ['together with the present one: the last counts', ['--simulations', '32', '--worlds', '64']],
  ])('is accepted %s, with a note about the current name', (_, words) =>
    expect(parseArguments(command, words)).toMatchObject({
      options: { simulations: '64' },
      notes: ['`--worlds` is now `--simulations`; the next release removes the old name'],
    }),
  );

  test('keeps its value unchanged', () =>
    expect(parseArguments(command, ['--worlds=a=b']).options).toEqual({ simulations: 'a=b' }));

  test('is a positional word after two dashes', () =>
    expect(parseArguments(command, ['--', '--worlds'])).toMatchObject({ positionals: ['--worlds'], notes: [] }));

  test('is not in the help', async () => {
    const { stdout } = await runWords('size', '--help');
    expect(stdout).toContain('--simulations N');
    expect(stdout).not.toContain('worlds');
  });

  test('prints a note on standard error, and the command runs', async () => {
    const { exitCode, stderr } = await runWords('history', 'show', '--ledger', '/nowhere/history.sqlite');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^note: `--ledger` is now `--history-db`; .*\n.*\/nowhere\/history\.sqlite/);
  });
});
