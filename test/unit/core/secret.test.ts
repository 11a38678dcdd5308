import { execFileSync, spawnSync } from 'node:child_process';
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
  expect(() => new SecretReference('file', pipe).reveal()).toThrow(
    `cannot read the secret file ${pipe}: it is a named pipe`,
  );
});

test('a secret can come from a program through process substitution', () => {
  const module = new URL('../../../core/secret.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then((it) =>
    console.log(new it.SecretReference('file', process.argv[1]).reveal()))`;
  const line = '"$0" -e "$1" <(sleep 1; echo hunter2)';
  expect(spawnSync('bash', ['-c', line, process.execPath, script]).stdout.toString()).toBe('hunter2\n');
});
