import {
  chmodSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile, replaceFileSync } from '../../../core/replace-file.ts';

test('a file is replaced with its folder made, for its owner only', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'state', 'tests.json');
  for (const text of ['one', 'two']) replaceFileSync(file, text);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['two', 0o600]);
  expect(readdirSync(join(folder.path, 'state'))).toEqual(['tests.json']);
});

test('what cannot be replaced stays, and no half of a new file', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'tests.json');
  mkdirSync(join(file, 'kept'), { recursive: true });
  expect(() => replaceFileSync(file, 'new')).toThrow();
  expect(readdirSync(folder.path)).toEqual(['tests.json']);
});

test('what is written for others keeps the mode of the file that it replaces, whatever the umask', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'rules.yaml');
  writeFileSync(file, 'one');
  for (const mode of [0o666, 0o640]) {
    chmodSync(file, mode);
    await replaceFile(file, (draft) => draft.writeFile('two'), { mode: 0o644 });
    expect(statSync(file).mode & 0o777).toBe(mode);
  }
});
