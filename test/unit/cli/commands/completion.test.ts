import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

const run = promisify(execFile);
const { stdout: script } = await runWords('completion', 'bash');

/** Suggestions of a real bash after Tab for these words, the last of which is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout } = await run('bash', [
    '-c',
    'eval "$1"; shift; COMP_WORDS=(plimsoll "$@"); COMP_CWORD=$#; _plimsoll; printf "%s\\n" "${COMPREPLY[@]}"',
    'bash',
    script,
    ...words,
  ]);
  return stdout.split('\n').filter((word) => word !== '');
}

test.each<[string, string[], string[]]>([
  ['a command', ['ana'], ['analyze']],
  ['a group', ['op'], ['ops']],
  ['what is in a group', ['lab', ''], ['up', 'seed', 'status', 'down']],
  ['a group of a group', ['ops', 'k'], ['kafka']],
  ['a command that is a group as well', ['report', 'ver'], ['verify']],
  ['an option of its command', ['bytes', '--bo'], ['--body']],
  ['an option after others', ['bytes', '--mode', 'single', '--bo'], ['--body']],
  ['an option of a command of three words', ['ops', 'kafka', 'reassign', '--assig'], ['--assignment']],
  ['an option of every command', ['gc', '--log-l'], ['--log-level']],
])('completes %s', async (_, words, expected) => {
  expect(await offered(...words)).toEqual(expect.arrayContaining(expected));
});

test('completes files for a command with file arguments', async () => {
  expect(await offered('analyze', 'package.j')).toEqual(['package.json']);
});

test('an unsupported shell is an error that names it', async () => {
  const { exitCode, stderr } = await runWords('completion', 'fish');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('completion supports bash and zsh')]);
});
