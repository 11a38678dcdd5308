import { expect, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';

async function capture(words: string) {
  let stderr = '';
  const exitCode = await runCommandLine(['capture', ...words.split(' ')], commands, {
    stdout: { write: () => {}, isTerminal: false, columns: 100 },
    stderr: { write: (text) => void (stderr += text), isTerminal: false, columns: 100 },
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
  });
  return { exitCode, stderr };
}

test.each([
  ['--out a.json', '--topic is missing: topic to read'],
  ['--topic orders', '--out is missing'],
  ['--topic orders --out a.json --messages 2000000', '--messages: 2000000 is not a whole number from 1 to 1000000'],
  ['--topic orders --out a.json --messages 1.5', '--messages: 1.5 is not a whole number'],
  ['--topic orders --out a.json --for 30', '--for: "30" is not a duration'],
  ['--topic orders --out a.json --for 0s', 'above 0s'],
  ['--topic orders --out package.json', 'package.json already exists'],
  ['--topic orders --out no/such/folder/a.json', 'cannot write no/such/folder/a.json: ENOENT'],
])('%s is a usage error before any request to a broker', async (words, message) => {
  const { exitCode, stderr } = await capture(words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
