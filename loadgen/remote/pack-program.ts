// Packs the program, its packages and its Node version into one archive for a worker machine.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import type { Io } from '../../brokers/driver.ts';
import { AppError, fileFaultCodes, ignoreFault } from '../../core/errors.ts';
import { paddingOf, tarEnd, tarHeader } from '../../core/tar-writer.ts';
import type { PackedProgram } from './deploy.ts';
import type { Architecture } from './machine-check.ts';
import { programExtension, packagesRoot, programRoot } from './program-version.ts';

/** Folders that a traffic thread imports from; it needs nothing of hosts, exporter, analyzer or cli. */
const folders = ['core', 'brokers', 'loadgen'];
/**
 * Higher levels hardly compress Node's binary better: 44 MB in 2 s at this level, 42 MB in 7 s at the default (Node
 * 24.21, x64).
 */
const compressionLevel = 1;

/**
 * @throws AppError prerequisite-missing, no-space, no-permission, usage
 * @returns the archive; equal contents give an equal digest
 */
export async function packProgram(architecture: Architecture, file: string, { signal }: Io): Promise<PackedProgram> {
  const stage = await mkdtemp(join(tmpdir(), 'plimsoll-bundle-'));
  try {
    for (const folder of folders) await cp(join(programRoot, folder), join(stage, folder), { recursive: true });
    await cp(join(programRoot, 'package.json'), join(stage, 'package.json'));
    for (const [folder, place] of await packagesOf(stage)) {
      const source = await realpath(folder);
      const filter = (path: string) => path === source || !isNested(source, path);
      await cp(source, join(stage, place), { recursive: true, filter });
    }
    await placeNode(architecture, stage, signal);
    const start = join(stage, 'start-worker');
    await writeFile(start, startScript(architecture));
    await chmod(start, 0o755);
    return { file, digest: await packFolder(stage, file, signal) };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

const startScript = (architecture: Architecture) =>
  [
    '#!/bin/sh',
    'cd "$(dirname "$0")"',
    `exec node_modules/node-linux-${architecture}/bin/node --max-semi-space-size=4 loadgen/remote/worker-main${programExtension} "\${1:-600}"`,
    '',
  ].join('\n');

/** Skips nested packages, which are placed separately. */
const isNested = (folder: string, path: string) => relative(folder, path).split('/').includes('node_modules');

/**
 * Finds the packages that sources under `root` import, and their dependencies.
 * @returns the folder of each package, with its path in the archive
 */
async function packagesOf(root: string): Promise<ReadonlyMap<string, string>> {
  const placed = new Map<string, string>();
  const taken = new Set<string>();
  // Own dependencies come first, so that of two versions of a package ours is at the top level.
  let pending = [...(await importedNames(root))].map((name) => ({ name, from: packagesRoot, inside: '' }));
  while (pending.length > 0) {
    const next: typeof pending = [];
    for (const { name, from, inside } of pending) {
      const folder = await findPackage(name, from);
      if (folder === undefined || placed.has(folder)) continue;
      const usual = placeOf(folder);
      const place = taken.has(usual) ? join(inside, 'node_modules', name) : usual;
      placed.set(folder, place);
      taken.add(place);
      const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      next.push(...Object.keys(dependencies).map((needed) => ({ name: needed, from: folder, inside: place })));
    }
    pending = next;
  }
  return placed;
}

/**
 * Computes the path relative to the folder that contains node_modules: the program's folder, or one above it if
 * installed as a package.
 */
function placeOf(folder: string): string {
  for (let base = packagesRoot; ; base = dirname(base)) {
    const path = relative(base, folder);
    if (path.startsWith('node_modules/')) return path;
    if (base === dirname(base)) throw new Error(`${folder} is in no node_modules above ${packagesRoot}`);
  }
}

async function importedNames(root: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (!entry.endsWith(programExtension)) continue;
      const source = await readFile(join(root, folder, entry), 'utf8');
      for (const [, name] of source.matchAll(/(?:from |import\()['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g)) {
        if (name !== undefined && !name.startsWith('node:')) names.add(name);
      }
    }
  }
  return names;
}

/** Resolves like Node: next to the importing package, or in a folder above. */
async function findPackage(name: string, from: string): Promise<string | undefined> {
  for (const folder of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const path = join(folder, name);
    if (await stat(join(path, 'package.json')).catch(ignoreFault('the package may be in another folder'))) return path;
  }
  return undefined;
}

async function placeNode(architecture: Architecture, stage: string, signal: AbortSignal): Promise<void> {
  const name = `node-linux-${architecture}`;
  const here = await findPackage(name, packagesRoot);
  const place = join(stage, 'node_modules', name);
  const source = here ?? (await fetchNode(name, stage, signal));
  await mkdir(join(place, 'bin'), { recursive: true });
  for (const part of ['package.json', 'bin/node']) await cp(join(source, part), join(place, part));
  await chmod(join(place, 'bin', 'node'), 0o755);
  await rm(join(stage, 'fetched'), { recursive: true, force: true });
}

/** Installs Node's package separately, because npm skips packages of other architectures. */
async function fetchNode(name: string, stage: string, signal: AbortSignal): Promise<string> {
  const { optionalDependencies = {} } = JSON.parse(await readFile(join(stage, 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  const version = optionalDependencies[name];
  const folder = join(stage, 'fetched');
  await mkdir(folder);
  const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent'];
  try {
    const { stdout } = await promisify(execFile)('npm', args, { signal });
    const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
    await promisify(execFile)('tar', ['-xzf', archive, '-C', folder], { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError('prerequisite-missing', `cannot get ${name} ${version}: ${(cause as Error).message}`, {
      cause,
      hint: 'the bundle for another architecture is made where npm reaches its registry; it then needs none',
    });
  }
  return join(folder, 'package');
}

/** @returns the digest of the archive */
export async function packFolder(folder: string, file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const gzip = createGzip({ level: compressionLevel });
  gzip.on('data', (chunk: Buffer) => hash.update(chunk));
  try {
    await mkdir(dirname(file), { recursive: true });
    await pipeline(Readable.from(archiveOf(folder)), gzip, createWriteStream(file), { signal });
    return hash.digest('hex');
  } catch (cause) {
    signal.throwIfAborted();
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new AppError(fileFaultCodes[code] ?? 'usage', `cannot pack the program into ${file}: ${message}`, { cause });
  }
}

async function* archiveOf(folder: string): AsyncGenerator<Buffer> {
  yield* entriesOf(folder, '.');
  yield tarEnd;
}

/** Yields entries without times and owners, sorted by name. */
async function* entriesOf(folder: string, path: string): AsyncGenerator<Buffer> {
  const place = join(folder, path);
  const found = await lstat(place);
  const mode = found.mode & 0o7777;
  if (found.isSymbolicLink()) {
    yield tarHeader({ path, kind: 'symbolic-link', sizeBytes: 0, mode, target: await readlink(place) });
  } else if (found.isDirectory()) {
    yield tarHeader({ path: `${path}/`, kind: 'folder', sizeBytes: 0, mode });
    for (const name of (await readdir(place)).toSorted()) yield* entriesOf(folder, `${path}/${name}`);
  } else {
    yield tarHeader({ path, kind: 'file', sizeBytes: found.size, mode });
    yield* createReadStream(place) as AsyncIterable<Buffer>;
    yield paddingOf(found.size);
  }
}
