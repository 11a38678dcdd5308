import { spawnSync } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { passwordIn } from '../../../../cli/change/password-file.ts';

test('a password comes from a pipe, and an interruption ends the wait for its writer', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-password-'));
  const pipe = join(folder.path, 'secret');
  spawnSync('mkfifo', [pipe]);
  const interruption = new AbortController();
  const reading = passwordIn(pipe, interruption);
  interruption.abort(new Error('interrupted'));
  await expect(reading).rejects.toThrow('interrupted');
  const read = passwordIn(pipe, { signal: new AbortController().signal });
  await writeFile(pipe, 'hunter2\n');
  const password = await read;
  expect([password(), password()]).toEqual(['hunter2', 'hunter2']);
});

test('a resumed change that sets a password is refused without its file, instead of setting an empty one', async () => {
  const password = await passwordIn(undefined, { signal: new AbortController().signal });
  expect(password).toThrow('give --password-file FILE');
});
