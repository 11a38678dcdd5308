// Downloads the archive of a distribution into the cache, once, and compares its digest.

import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../core/errors.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { digestOf, requireDigest, type StatedDigest } from '../../ops/instances/install/check-archive.ts';

/** A server that sends without end does not fill the disk. */
const largestBytes = 2 ** 31;

/** @returns the path in the cache. @throws AppError archive-refused when the server does not send it, or sends another file */
export async function downloadArchive(
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

/** A pre-signed URL has its credentials in the query. */
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

/** A damaged file in the cache is downloaded again. */
async function isIntact(path: string, { algorithm, digest }: StatedDigest, signal: AbortSignal): Promise<boolean> {
  try {
    return (await digestOf(path, algorithm, { signal })) === digest;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
}
