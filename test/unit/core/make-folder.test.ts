import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../core/files.ts';

test('creates a folder with its parents, also concurrently, and keeps an existing one', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  const path = join(folder.path, 'a/b/c');
  const atOnce = [path, path, join(folder.path, 'a/b/d'), join(folder.path, 'a/b')];
  await Promise.all(atOnce.map(makeFolder));
  await makeFolder(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('fails with the system error if a file is in the way', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-folder-'));
  await writeFile(join(folder.path, 'file'), '');
  await expect(makeFolder(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder.path, 'file/x/y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.skipIf(process.platform !== 'linux')(
  'fails immediately on a file system that does not allow new folders',
  async () => {
    await expect(makeFolder('/proc/plimsoll/x')).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
