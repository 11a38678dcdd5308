// Provides the distributions of instances.yaml as verified archives on this machine, and the files that are installed with them.

import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Io } from '../../brokers/driver.ts';
import { AppError, faultAs } from '../../core/errors.ts';
import { makeFolder, ifPresent } from '../../core/files.ts';
import { type Distribution, isRemote } from '../../core/documents/instances.ts';
import {
  checkTarball,
  digestOf,
  largestUnpacked,
  mostEntries,
  refusedArchive,
  requireDigest,
  type StatedDigest,
} from '../../ops/instances/install/check-archive.ts';
import type { Packages, PreparedArchive } from '../../ops/instances/facts.ts';
import type { Caller } from '../caller.ts';
import type { DesiredState } from './desired-file.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { constants, createGzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { paddingOf, tarEnd, tarHeader } from '../../core/tar-writer.ts';

export function openPackages(
  { file, distributions = {} }: Pick<DesiredState, 'file' | 'distributions'>,
  { environment }: Pick<Caller, 'environment'>,
): Packages {
  const folder = dirname(file);
  const prepared = new Map<string, Promise<PreparedArchive>>();

  async function prepare(name: string, io: Io): Promise<PreparedArchive> {
    const distribution = Object.hasOwn(distributions, name) ? distributions[name] : undefined;
    if (distribution === undefined) {
      throw new AppError('config-invalid', `${file} has no distribution ${name}`, {
        hint: 'add it under `distributions` with its archive and sha512',
      });
    }
    const stated = statedBy(distribution);
    const { archive } = distribution;
    const path = isRemote(archive) ? await downloadArchive(archive, stated, environment, io) : resolve(folder, archive);
    if (!isRemote(archive)) await requireDigest(path, stated, io);
    if (!(await isZip(path))) return { path, sentDigest: stated.digest, ...stated, ...(await checkTarball(path, io)) };
    const packed = await repackZip(path, stated, environment, io);
    const sentDigest = await digestOf(packed, stated.algorithm, io);
    return { path: packed, sentDigest, ...stated, ...(await checkTarball(packed, io)) };
  }

  return {
    archiveOf(name, io) {
      const known = prepared.get(name) ?? prepare(name, io);
      prepared.set(name, known);
      return known;
    },
    textOf(path) {
      const file = resolve(folder, path);
      const hint = '`install.files` in instances.yaml names files below the folder of that file';
      return readFile(file, 'utf8').catch(faultAs('config-unreadable', `cannot read ${file}`, hint));
    },
  };
}

function statedBy({ sha256, sha512 }: Distribution): StatedDigest {
  return sha512 === undefined
    ? { algorithm: 'sha256', digest: (sha256 ?? '').toLowerCase() }
    : { algorithm: 'sha512', digest: sha512.toLowerCase() };
}

/** Limits downloads, so that an endless response does not fill the disk. */
const largestBytes = 2 ** 31;

/** @returns the path in the cache. @throws AppError archive-refused if the server does not send it, or sends another file */
async function downloadArchive(
  address: string,
  stated: StatedDigest,
  environment: NodeJS.ProcessEnv,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const folder = join(cacheFolder(environment), 'distributions');
  const path = join(folder, `${stated.digest}.archive`);
  if (await isIntact(path, stated, signal)) return path;
  makeFolder(folder);
  const partial = `${path}.${process.pid}.part`;
  try {
    const response = await fetch(address, { signal, redirect: 'follow' });
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), bounded, createWriteStream(partial, { mode: 0o600 }), { signal });
    await requireDigest(partial, stated, { signal });
    await rename(partial, path);
    return path;
  } catch (cause) {
    signal.throwIfAborted();
    const { message, cause: below } = cause as Error;
    const why = below instanceof Error ? below.message : message;
    throw new AppError(
      'archive-refused',
      `cannot download ${shownAddress(address)}: ${why.replace(`${partial} is refused: `, '')}`,
      {
        cause,
        hint:
          cause instanceof AppError
            ? 'compare the stated digest with that of the download page; a proxy may also have sent an error page'
            : 'check the address and the proxy, or download it by hand and give its path',
      },
    );
  } finally {
    await rm(partial, { force: true });
  }
}

/** Removes the query, which has the credentials of a pre-signed URL. */
function shownAddress(address: string): string {
  const url = URL.parse(address);
  return url === null ? 'the archive' : `${url.origin}${url.pathname}`;
}

async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > largestBytes) throw new Error(`it is larger than ${bytesText(largestBytes)}`);
    yield chunk;
  }
}

/** Whether a cached file is intact; a damaged one is downloaded again. */
async function isIntact(path: string, { algorithm, digest }: StatedDigest, signal: AbortSignal): Promise<boolean> {
  return (await ifPresent(digestOf(path, algorithm, { signal }))) === digest;
}

/** Repacks a zip archive, Apache's format for RocketMQ, as a .tar.gz: every host has tar, few have unzip. */
async function isZip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), { position: 0 });
  return buffer.equals(Buffer.from('PK\x03\x04', 'latin1'));
}

/**
 * Repacks each time, so that the contents are those of the zip, whose digest was verified.
 *
 * @returns the path in the cache. @throws AppError archive-refused
 */
async function repackZip(
  path: string,
  { digest }: StatedDigest,
  environment: NodeJS.ProcessEnv,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const folder = join(cacheFolder(environment), 'distributions');
  const packed = join(folder, `${digest}.tar.gz`);
  const partial = `${packed}.${process.pid}.part`;
  makeFolder(folder);
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false });
    // Jars are already compressed.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(Readable.from(tarOf(zip)), gzip, createWriteStream(partial, { mode: 0o600 }), { signal });
    await rename(partial, packed);
    return packed;
  } catch (cause) {
    signal.throwIfAborted();
    throw refusedArchive(path, `it cannot be repacked as .tar.gz: ${(cause as Error).message}`, { cause });
  } finally {
    zip?.close();
    await rm(partial, { force: true });
  }
}

async function* tarOf(zip: ZipFile): AsyncGenerator<Buffer> {
  if (zip.entryCount > mostEntries) throw new RangeError(`it has more than ${mostEntries} entries`);
  const folders = new Set<string>();
  let unpackedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName, uncompressedSize } = entry;
    unpackedBytes += uncompressedSize;
    if (unpackedBytes > largestUnpacked) throw new RangeError('unpacked, it is too large');
    const mode = modeOf(entry);
    // Zip archives may omit entries for folders.
    const parts = fileName.split('/').slice(0, -1);
    for (const [index] of parts.entries()) {
      const folder = `${parts.slice(0, index + 1).join('/')}/`;
      if (folders.has(folder)) continue;
      folders.add(folder);
      const own = folder === fileName ? mode.permissions : 0;
      yield tarHeader({ path: folder, kind: 'folder', sizeBytes: 0, mode: own || 0o755 });
    }
    if (fileName.endsWith('/')) continue;
    if (mode.kind === 'other') throw new TypeError(`${fileName} is neither a file nor a folder nor a link`);
    const content = await zip.openReadStreamPromise(entry);
    if (mode.kind === 'symbolic-link') {
      if (uncompressedSize > longestTarget) throw new RangeError(`the target of the link ${fileName} is too long`);
      const target = Buffer.concat(await content.toArray()).toString('utf8');
      yield tarHeader({ path: fileName, kind: 'symbolic-link', sizeBytes: 0, mode: 0o777, target });
      continue;
    }
    const sizeBytes = uncompressedSize;
    yield tarHeader({ path: fileName, kind: 'file', sizeBytes, mode: mode.permissions || 0o644 });
    yield* content as AsyncIterable<Buffer>;
    yield paddingOf(sizeBytes);
  }
  yield tarEnd;
}

const longestTarget = 4096;
const formats = { file: 0o100000, 'symbolic-link': 0o120000, folder: 0o040000 };

/** Archives created on Unix have the file mode in the upper half of the attributes. */
function modeOf({ versionMadeBy, externalFileAttributes }: Entry) {
  const unix = versionMadeBy >>> 8 === 3 ? externalFileAttributes >>> 16 : 0;
  const format = unix & 0o170000;
  const found = Object.entries(formats).find(([, bits]) => bits === format);
  const kind = format === 0 ? 'file' : ((found?.[0] ?? 'other') as keyof typeof formats | 'other');
  return { kind, permissions: unix & 0o7777 };
}
