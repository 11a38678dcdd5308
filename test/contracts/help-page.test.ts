// Checks the first page of help.

import { expect, test } from 'vitest';
import { commands } from '../../cli/registry.ts';
import { asking } from '../support/asking.ts';

test('the first help page fits one screen and lists each group of commands once', async () => {
  const { stdout } = await asking('--log-level', 'warn').ask('--help');
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(53);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  for (const heading of Object.keys(commands)) expect(lines).toContain(`${heading}:`);
  const listed = lines.flatMap((line) => /^ {2}(\S+(?: [a-z…]+)?) {2}/.exec(line)?.[1] ?? []);
  expect(listed).toEqual([...new Set(listed)]);
  expect(listed).toEqual(expect.arrayContaining(['run', 'config …', 'get …', 'ops …']));
});
