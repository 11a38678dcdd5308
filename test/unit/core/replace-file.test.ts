import {
  chmodSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile, replaceFileSync } from '../../../core/files.ts';

test('replaces a file and creates its folder, with access for the owner only', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'state', 'tests.json');
  for (const text of ['one', 'two']) replaceFileSync(file, text);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['two', 0o600]);
  expect(readdirSync(join(folder.path, 'state'))).toEqual(['tests.json']);
});

test('a failed replacement keeps the old file and leaves no draft', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'tests.json');
  mkdirSync(join(file, 'kept'), { recursive: true });
  expect(() => replaceFileSync(file, 'new')).toThrow();
  expect(readdirSync(folder.path)).toEqual(['tests.json']);
});

test.each<[string, (file: string) => void | Promise<void>]>([
  ['replaceFile', (file) => replaceFile(file, (draft) => draft.writeFile('new'))],
  ['replaceFileSync', (file) => replaceFileSync(file, 'new')],
])('%s removes old drafts that a killed process left, but none that may still be in use', async (_, write) => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
  const left = (name: string, changed: Date) => {
    writeFileSync(join(folder.path, name), '{"half":');
    utimesSync(join(folder.path, name), changed, changed);
  };
  left('tests.json.4242-1.new', twoHoursAgo);
  left('tests.json.4243-1.new', new Date());
  left('tests.json.old.4242-2.new', twoHoursAgo);
  left('tests.json.mine.new', twoHoursAgo);
  await write(join(folder.path, 'tests.json'));
  expect(readdirSync(folder.path).toSorted()).toEqual([
    'tests.json',
    'tests.json.4243-1.new',
    'tests.json.mine.new',
    'tests.json.old.4242-2.new',
  ]);
});

test('a file for other users keeps the mode of the replaced file, whatever the umask', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-replace-'));
  const file = join(folder.path, 'rules.yaml');
  writeFileSync(file, 'one');
  for (const mode of [0o666, 0o640]) {
    chmodSync(file, mode);
    await replaceFile(file, (draft) => draft.writeFile('two'), { mode: 0o644 });
    expect(statSync(file).mode & 0o777).toBe(mode);
  }
});
