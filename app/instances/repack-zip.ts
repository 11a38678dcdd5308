// Repacks a zip archive, Apache's format for RocketMQ, as a .tar.gz: every host has tar, few have unzip.

import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { paddingOf, tarEnd, tarHeader } from '../../core/tar-writer.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import {
  largestUnpacked,
  mostEntries,
  refusedArchive,
  type StatedDigest,
} from '../../ops/instances/install/check-archive.ts';

export async function isZip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), { position: 0 });
  return buffer.equals(Buffer.from('PK\x03\x04', 'latin1'));
}

/**
 * Repacks each time, so that the contents are those of the zip, whose digest was verified.
 *
 * @returns the path in the cache. @throws AppError archive-refused
 */
export async function repackZip(
  path: string,
  { digest }: StatedDigest,
  environment: NodeJS.ProcessEnv,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const folder = join(cacheFolder(environment), 'distributions');
  const packed = join(folder, `${digest}.tar.gz`);
  const partial = `${packed}.${process.pid}.part`;
  await mkdir(folder, { recursive: true });
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
