// Verifies that the Node of an offline bundle is that of the lock file, even for an architecture that cannot run here.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { mustRun } from './must-run.ts';

const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});

/** e_machine of an ELF file, elf(5). */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const machineOffset = 18;

interface PackedNode {
  /** Folder with package-lock.json and node_modules. */
  stage: string;
  architecture: string;
  /** Folder of npm's cache. */
  cache: string;
}

/**
 * npm verifies a tarball when it fetches it. This compares the unpacked files byte by byte with the tarball of that
 * digest.
 * @throws Error naming the difference
 */
export async function verifyNode({ stage, architecture, cache }: PackedNode): Promise<void> {
  const name = `node_modules/node-linux-${architecture}`;
  const locked = Lock.parse(JSON.parse(await readFile(join(stage, 'package-lock.json'), 'utf8'))).packages[name];
  if (locked?.integrity === undefined) throw new Error(`package-lock.json has no integrity of ${name}`);
  const binary = await readFile(join(stage, name, 'bin/node'));
  if (
    binary.subarray(1, 4).toString('latin1') !== 'ELF' ||
    binary.readUInt16LE(machineOffset) !== machines[architecture]
  ) {
    throw new Error(`${name}/bin/node is not a program for ${architecture}`);
  }
  const tarball = cachedFile(cache, locked.integrity);
  const bytes = await readFile(tarball);
  if (`sha512-${createHash('sha512').update(bytes).digest('base64')}` !== locked.integrity) {
    throw new Error(`${tarball} does not have the integrity of ${name} in package-lock.json`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-node-'));
  try {
    await mustRun('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], folder);
    if (!binary.equals(await readFile(join(folder, 'bin/node')))) {
      throw new Error(`${name}/bin/node differs from the package that package-lock.json names`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the path in npm's cacache, which stores files by the hex digits of their digest. */
export function cachedFile(cache: string, integrity: string): string {
  const [, digest = ''] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  if (digest === '') throw new Error(`an integrity of sha512 is expected, not ${integrity}`);
  const hex = Buffer.from(digest, 'base64').toString('hex');
  return join(cache, '_cacache/content-v2/sha512', hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}
