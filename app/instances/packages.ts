// Provides the distributions of instances.yaml as verified archives on this machine, and the files that are installed with them.

import { readFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve, join } from 'node:path';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Distribution } from '../../core/documents/instances.ts';
import { checkTarball, digestOf, requireDigest, type StatedDigest } from '../../ops/instances/install/check-archive.ts';
import type { Packages, PreparedArchive } from '../../ops/instances/facts.ts';
import type { Caller } from '../caller.ts';
import type { DesiredState } from './desired-file.ts';
import { isZip, repackZip } from './repack-zip.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { cacheFolder } from '../../core/user-folders.ts';

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
    const isRemote = /^https?:\/\//.test(archive);
    const path = isRemote ? await downloadArchive(archive, stated, environment, io) : resolve(folder, archive);
    if (!isRemote) await requireDigest(path, stated, io);
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
    async textOf(path) {
      try {
        return await readFile(resolve(folder, path), 'utf8');
      } catch (cause) {
        throw new AppError('config-unreadable', `cannot read ${resolve(folder, path)}: ${(cause as Error).message}`, {
          cause,
          hint: '`install.files` in instances.yaml names files below the folder of that file',
        });
      }
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
  await mkdir(folder, { recursive: true });
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
  try {
    return (await digestOf(path, algorithm, { signal })) === digest;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
