// Reads a stored GC log to its end, decompresses gzip, and rejects files that are not GC logs.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { GcLogParser } from './gc-log-parser.ts';

/** Result of reading a file. */
export type StoredLog =
  /** `damage`: everything before it was read. */
  | { kind: 'gc-log'; bytes: number; damage?: GzipDamage }
  | { kind: 'not-a-gc-log'; why: 'empty' | 'binary' | 'no-gc-lines' };

type GzipDamage = 'gzip-cut' | 'gzip-corrupt';

/** Limit of other output at the start, if a JVM logs to standard output. */
const longestPreface = 16 * 2 ** 20;
const looked = 4096;

/**
 * @param source bytes of the file, compressed or not, in chunks that are valid until the next one is requested
 * @param parser receives all bytes; the caller ends it if no other file of the log follows
 */
export async function readStoredLog(source: AsyncIterable<Uint8Array>, parser: GcLogParser): Promise<StoredLog> {
  let damage: GzipDamage | undefined;
  let bytes = 0;
  let lastByte: number | undefined;
  const wasGcLog = parser.isGcLog();
  for await (const chunk of unpacked(source, (found) => (damage = found))) {
    if (bytes === 0 && isBinary(chunk)) return { kind: 'not-a-gc-log', why: 'binary' };
    bytes += chunk.length;
    lastByte = chunk.at(-1);
    parser.push(chunk);
    if (!parser.isGcLog() && bytes > longestPreface) break;
  }
  if (bytes === 0 && damage === undefined) return { kind: 'not-a-gc-log', why: 'empty' };
  if (!parser.isGcLog() && !wasGcLog) return { kind: 'not-a-gc-log', why: 'no-gc-lines' };
  // The next file of a rotated log does not continue an incomplete line.
  if (lastByte !== undefined && lastByte !== newline) parser.push(Uint8Array.of(newline));
  return { kind: 'gc-log', bytes, ...(damage && { damage }) };
}

const newline = 10;

/** Returns plain bytes unchanged, and decompresses gzip, which begins with 1f 8b and may have several members. */
export async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  onDamage: (damage: GzipDamage) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const head = await firstBytes(chunks);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* restOf(head, chunks);
    return;
  }
  const whole = Readable.from(copied(restOf(head, chunks)), { objectMode: false });
  const gunzip = createGunzip();
  whole.on('error', (cause) => gunzip.destroy(cause));
  try {
    yield* whole.pipe(gunzip);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') onDamage('gzip-cut');
    else if (code === 'Z_DATA_ERROR') onDamage('gzip-corrupt');
    else throw cause;
  } finally {
    whole.destroy();
  }
}

async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  while (head.length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* restOf(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** Copies chunks, because a stream reads ahead and a chunk is only valid until the next one is requested. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Uint8Array.from(chunk);
}

/** Ignores NULs, which appear where a log was truncated while written; text has no other control characters. */
function isBinary(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, looked);
  const isControl = (byte: number) => byte !== 0 && (byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
  return start.filter(isControl).length > start.length / 50;
}
