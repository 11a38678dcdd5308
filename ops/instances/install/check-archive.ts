// Checks the archive of a distribution before it is copied: digest, size, and that every entry stays in its folder.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, normalize } from 'node:path/posix';
import { createGunzip } from 'node:zlib';
import type { Io } from '../../../brokers/driver.ts';
import { AppError, faultAs } from '../../../core/errors.ts';
import { bytesText } from '../../../core/text/quantity-text.ts';
import { kafkaVersionIn } from '../../render/kafka-version.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';

export interface CheckedArchive {
  archiveBytes: number;
  unpackedBytes: number;
  /** From the name of its jar, such as libs/kafka_2.13-3.9.1.jar. */
  kafkaVersion?: string | undefined;
  /** Folders below the top folder without an entry in the archive; parents first. */
  impliedFolders?: readonly string[];
}

/** Kafka 4.3 has 135 MB and RocketMQ 5.5 with its proxy 120 MB; a larger file is no such archive. */
const largestArchive = 2 ** 31;
export const largestUnpacked = 2 ** 33;
export const mostEntries = 100_000;

export type StatedDigest = { algorithm: 'sha256' | 'sha512'; digest: string };

/** @throws AppError archive-refused if the file has another digest; archive-missing */
export async function requireDigest(path: string, { algorithm, digest }: StatedDigest, io: Io): Promise<void> {
  const size = await sizeOf(path);
  if (size > largestArchive) {
    throw refusedArchive(path, `it has ${bytesText(size)}, more than ${bytesText(largestArchive)}`);
  }
  const found = await digestOf(path, algorithm, io);
  if (found === digest) return;
  throw refusedArchive(
    path,
    `its ${algorithm} is ${found.slice(0, 16)}…, and instances.yaml states ${digest.slice(0, 16)}…`,
  );
}

export async function digestOf(path: string, algorithm: StatedDigest['algorithm'], { signal }: Io): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** For a gzip-compressed tar archive whose digest was compared. @throws AppError archive-refused */
export async function checkTarball(path: string, { signal }: Io): Promise<CheckedArchive> {
  const archiveBytes = await sizeOf(path);
  const compressed = createReadStream(path, { signal });
  const plain = compressed.pipe(createGunzip());
  compressed.on('error', (cause) => plain.destroy(cause));
  let [unpackedBytes, entries] = [0, 0];
  let [top, kafkaVersion]: (string | undefined)[] = [];
  let impliedFolders: string[] = [];
  const through = folderCheck(path);
  try {
    for await (const entry of readTarEntries(plain)) {
      requireInside(path, entry);
      requirePlainMode(path, entry);
      through.add(entry);
      const [first = ''] = entry.path.split('/');
      top ??= first;
      if (first !== top) throw refusedArchive(path, `it contains ${top} and ${first} instead of a single folder`);
      if (entry.path.endsWith('.jar')) kafkaVersion ??= kafkaVersionIn(entry.path.slice(0, -'.jar'.length));
      entries += 1;
      unpackedBytes += entry.sizeBytes;
      if (entries > mostEntries) throw refusedArchive(path, `it has more than ${mostEntries} entries`);
      if (unpackedBytes > largestUnpacked)
        throw refusedArchive(path, `unpacked, it has more than ${bytesText(largestUnpacked)}`);
    }
    impliedFolders = through.end();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) throw cause;
    throw refusedArchive(path, `it cannot be unpacked: ${(cause as Error).message}`, { cause });
  } finally {
    compressed.destroy();
    plain.destroy();
  }
  if (top === undefined) throw refusedArchive(path, 'it is empty');
  return { archiveBytes, unpackedBytes, kafkaVersion, impliedFolders };
}

/** @throws AppError archive-refused for a path or a link that leads out of the folder, and for devices */
export function requireInside(
  archive: string,
  { path, kind, target = '' }: Pick<TarEntry, 'path' | 'kind' | 'target'>,
): void {
  const shown = JSON.stringify(path);
  if (kind === 'other') throw refusedArchive(archive, `${shown} is neither a file nor a folder nor a link`);
  const parts = path.replace(/\/$/, '').split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\p{Cc}\\]/u.test(path);
  if (!isPlain) throw refusedArchive(archive, `${shown} points outside of its folder, or is not a plain path`);
  if (kind === 'file' && parts.length < 2) throw refusedArchive(archive, `${shown} is in no folder`);
  if (kind !== 'symbolic-link' && kind !== 'hard-link') return;
  const isInside = target !== '' && !/[\p{Cc}\\]/u.test(target) && staysInside(parts, kind, target);
  if (!isInside)
    throw refusedArchive(archive, `the link ${shown} leads to ${JSON.stringify(target)}, out of its folder`);
}

/** Unpacking keeps the modes, whatever the umask of the host. @throws AppError archive-refused */
function requirePlainMode(archive: string, { path, kind, mode }: TarEntry): void {
  if (kind === 'symbolic-link') return;
  const [shown, octal] = [JSON.stringify(path), mode.toString(8)];
  if ((mode & 0o6000) !== 0) {
    throw refusedArchive(archive, `${shown} is setuid or setgid (mode ${octal})`, { hint: repackHint('a-s') });
  }
  if ((mode & 0o002) !== 0) {
    throw refusedArchive(archive, `${shown} is writable by every user (mode ${octal})`, { hint: repackHint('o-w') });
  }
}

const repackHint = (change: string) =>
  `unpack it, run \`chmod -R ${change}\` on its folder, and pack that folder with \`tar -czf\`; then state the new \`archive\` and its digest in instances.yaml`;

/**
 * The target of a symbolic link is relative to the link, below a top folder that unpacking strips; that of a hard link
 * to the root of the archive. After the name of a link, `..` means the parent folder of the link's target.
 */
function staysInside([top = '', ...below]: readonly string[], kind: TarEntry['kind'], target: string): boolean {
  const isHard = kind === 'hard-link';
  const downward = isHard ? target : target.replace(/^(?:\.\.\/)+/, '');
  if (downward.startsWith('/') || downward.split('/').includes('..')) return false;
  if (isHard) return normalize(target).startsWith(`${top}/`);
  const led = normalize(join('.', ...below.slice(0, -1), target)).replace(/\/$/, '');
  return led !== '.' && led !== '..' && !led.startsWith('../');
}

/**
 * Links are checked by their path, so no entry may be placed through another link, and no hard link may duplicate a
 * link elsewhere.
 *
 * @throws AppError archive-refused
 */
function folderCheck(archive: string) {
  const [links, folders, linked] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const listed = new Set<string>();
  return {
    add({ path, kind, target = '' }: TarEntry): void {
      const parts = path.replace(/\/$/, '').split('/');
      for (let length = 1; length < parts.length; length += 1) folders.add(parts.slice(0, length).join('/'));
      if (kind === 'symbolic-link') links.add(parts.join('/'));
      if (kind === 'folder') listed.add(parts.join('/'));
      if (kind === 'hard-link') linked.add(normalize(target));
    },
    /** @returns folders without an entry, below the top folder */
    end(): string[] {
      const bad = [...links].find((link) => folders.has(link) || linked.has(link));
      if (bad !== undefined) {
        throw refusedArchive(archive, `it places files through the link ${JSON.stringify(bad)}, or links to it`);
      }
      return [...folders]
        .filter((folder) => folder.includes('/') && !listed.has(folder))
        .map((folder) => folder.slice(folder.indexOf('/') + 1));
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  const hint = 'correct `archive` under `distributions` in instances.yaml; a path is relative to that file';
  const { size } = await stat(path).catch(faultAs('not-found', `cannot read the archive ${path}`, hint));
  return size;
}

export const refusedArchive = (path: string, why: string, more: { cause?: unknown; hint?: string } = {}) =>
  new AppError('archive-refused', `${path} is refused: ${why}`, more);
