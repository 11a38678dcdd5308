import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../core/files.ts';

test('creates a folder with its parents, and keeps an existing one', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  const path = join(folder.path, 'a/b/c');
  makeFolder(path, { mode: 0o700 });
  makeFolder(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('fails with the system error if a file is in the way', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  await writeFile(join(folder.path, 'file'), '');
  expect(() => makeFolder(join(folder.path, 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(() => makeFolder(join(folder.path, 'file/x/y'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
});

test.skipIf(process.platform !== 'linux')('fails immediately on a file system that does not allow new folders', () => {
  expect(() => makeFolder('/proc/plimsoll/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
