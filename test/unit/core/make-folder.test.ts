import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../core/make-folder.ts';

test('a folder is made with those above it, also by several at once, and one that is there stays', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  const path = join(folder.path, 'a/b/c');
  const atOnce = [path, path, join(folder.path, 'a/b/d'), join(folder.path, 'a/b')];
  await Promise.all(atOnce.map(makeFolder));
  await makeFolder(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('a file in its way is named', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  await writeFile(join(folder.path, 'file'), '');
  await expect(makeFolder(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder.path, 'file/x/y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.skipIf(process.platform !== 'linux')('a file system without new folders refuses at once', async () => {
  await expect(makeFolder('/proc/plimsoll/x')).rejects.toMatchObject({ code: 'ENOENT' });
});
