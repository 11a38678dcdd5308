import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIdentity } from '../../../../hosts/ssh/connect.ts';

const text = '-----BEGIN OPENSSH PRIVATE KEY-----\n';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-identity-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function keyFile({ mode, owner }: { mode: number; owner?: number }): string {
  const file = join(folder, `key-${mode.toString(8)}-${owner ?? 'own'}`);
  writeFileSync(file, text);
  if (owner !== undefined) chownSync(file, owner, 0);
  chmodSync(file, mode);
  return file;
}
const read = (file: string) => readIdentity({ privateKeyFile: file });

test('a key of this user must be readable only by this user', async () => {
  expect(await read(keyFile({ mode: 0o600 }))).toEqual({ privateKey: text });
  for (const mode of [0o640, 0o440, 0o644]) {
    const file = keyFile({ mode });
    await expect(read(file)).rejects.toMatchObject({
      code: 'ssh-key-unusable',
      message: expect.stringContaining(`others may read it (mode ${mode.toString(8)}); run chmod 600 ${file}`),
    });
  }
});

test.runIf(process.getuid?.() === 0)(
  'a key of another user may be readable by its group, as in a Secret of Kubernetes, but not by everybody',
  async () => {
    expect(await read(keyFile({ mode: 0o440, owner: 61_999 }))).toEqual({ privateKey: text });
    await expect(read(keyFile({ mode: 0o444, owner: 61_999 }))).rejects.toMatchObject({ code: 'ssh-key-unusable' });
  },
);
