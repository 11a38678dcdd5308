// Reads files over SFTP to their end, because kernel files report a size of 0.

import type { SFTPWrapper, Stats } from 'ssh2';
import { notRegular } from '../read-text.ts';

/** See hosts/read-text.ts: if a file is cut here, the parser only drops its last line. */
const maxBytes = 4 * 2 ** 20;
/** Every SFTP server returns this much per request (draft-ietf-secsh-filexfer-02, section 3). */
const chunkBytes = 2 ** 15;

/** Status codes of draft-ietf-secsh-filexfer-02, section 7. */
const endOfFile = 1;
const codes: Readonly<Record<number, string>> = { 2: 'ENOENT', 3: 'EACCES' };

/** @throws the SFTP error; `fileFaultOf` formats it */
export async function readWhole(sftp: SFTPWrapper, path: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunksOf(sftp, path, maxBytes)));
}

/** @throws the SFTP error */
export async function* chunksOf(
  sftp: SFTPWrapper,
  path: string,
  mostBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const handle = await toPromise<Buffer>((done) => sftp.open(path, 'r', done));
  try {
    for (let offset = 0; offset < mostBytes;) {
      const chunk = await readChunk(sftp, handle, offset, Math.min(chunkBytes, mostBytes - offset));
      if (chunk.length === 0) return;
      offset += chunk.length;
      yield chunk;
    }
  } finally {
    // Do not wait for the response, which would be one more round trip.
    sftp.close(handle, () => {});
  }
}

/**
 * Rejects other files, because opening a pipe without a writer blocks the SFTP server.
 * @returns its size in bytes.
 * @throws the SFTP error
 */
export async function requireRegular(sftp: SFTPWrapper, path: string): Promise<number> {
  const stats = await toPromise<Stats>((done) => sftp.stat(path, done));
  if (!stats.isFile()) throw new Error(notRegular);
  return stats.size;
}

/** @returns fewer than `length` bytes only at the end of the file */
export async function readBytes(
  sftp: SFTPWrapper,
  handle: Buffer,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for (let done = 0; done < length; done += chunks.at(-1)?.length ?? 0) {
    const chunk = await readChunk(sftp, handle, offset + done, Math.min(chunkBytes, length - done));
    if (chunk.length === 0) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A process may have a million open files; folders with more names than this are not listed. */
const mostNames = 2 ** 18;

export async function readNames(sftp: SFTPWrapper, folder: string): Promise<string[]> {
  const handle = await toPromise<Buffer>((done) => sftp.opendir(folder, done));
  try {
    const names: string[] = [];
    for (;;) {
      const entries = await unlessEnded<readonly { filename: string }[]>((done) => sftp.readdir(handle, done));
      if (entries === undefined || entries.length === 0) return names;
      for (const { filename } of entries) if (filename !== '.' && filename !== '..') names.push(filename);
      if (names.length > mostNames) throw new Error(`it has more than ${mostNames} entries`);
    }
  } finally {
    sftp.close(handle, () => {});
  }
}

export function fileFaultOf(error: unknown): string {
  const { code, message } = error as { code?: number; message: string };
  return (code === undefined ? undefined : codes[code]) ?? message;
}

export function toPromise<T>(start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  start((error, value) => (error ? reject(error) : resolve(value)));
  return promise;
}

/** @returns undefined at the end of the file or folder */
const unlessEnded = <T>(start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T | undefined> =>
  toPromise(start).catch((error: Error & { code?: number }) => {
    if (error.code === endOfFile) return undefined;
    throw error;
  });

async function readChunk(sftp: SFTPWrapper, handle: Buffer, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const bytesRead = await unlessEnded<number>((done) => sftp.read(handle, buffer, 0, length, offset, done));
  return buffer.subarray(0, bytesRead ?? 0);
}
