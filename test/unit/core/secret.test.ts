import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SecretReference } from '../../../core/secret.ts';

test('a secret is the text of its file, and a pipe without a writer does not block the process', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-secret-'));
  const [file, pipe] = [join(folder.path, 'file'), join(folder.path, 'pipe')];
  writeFileSync(file, 'hunter2\n');
  expect(new SecretReference('file', file).reveal()).toBe('hunter2');
  execFileSync('mkfifo', [pipe]);
  expect(() => new SecretReference('file', pipe).reveal()).toThrow(`secret file ${pipe} is empty`);
});
