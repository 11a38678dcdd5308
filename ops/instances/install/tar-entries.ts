// Reads the entries of a tar archive from a stream, without their contents.

import { AppError } from '../../../core/errors.ts';
import type { TarHeader } from '../../../core/tar-writer.ts';

export interface TarEntry extends Omit<TarHeader, 'kind'> {
  kind: TarHeader['kind'] | 'hard-link' | 'other';
}

const block = 512;
/** Maximum size of a long name, or of the records of a pax header. */
const longestHeader = 2 ** 16;

/*
 *   ustar, POSIX.1-1988: blocks of 512 bytes; numbers are octal text
 *     0 name 100 │ 100 mode 8 │ 124 size 12 │ 148 checksum 8 │ 156 type 1 │ 157 link name 100 │ 257 "ustar" │ 345 prefix 155
 *   type  0 or NUL file │ 1 hard link │ 2 symbolic link │ 5 folder
 *         x pax header of the next entry, "27 path=…\n" │ g of all following │ L and K long name and link name of GNU
 *   two zero blocks end the archive
 */
export async function* readTarEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = byteSource(chunks);
  let more: Overrides = {};
  for (;;) {
    const header = await source.take(block);
    if (header.length < block) return;
    if (isZero(header)) return await source.requireZeros();
    requireChecksum(header);
    const size = sizeIn(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const padded = Math.ceil(size / block) * block;
    if ('xgLK'.includes(type)) {
      if (size > longestHeader) throw damaged(`a header of ${size} bytes`);
      const found = overridesOf(type, (await source.take(padded)).subarray(0, size));
      // If an entry has two, programs disagree about which one counts.
      if (Object.keys(found).some((key) => key in more)) throw damaged('two names or sizes for one entry');
      Object.assign(more, found);
      continue;
    }
    const content = more.size ?? size;
    const entry = entryOf(header, type, content, more);
    // tar reads the contents of a link or folder as further entries.
    if (entry.kind !== 'file' && entry.kind !== 'other' && content > 0) throw damaged(`a ${entry.kind} with contents`);
    yield entry;
    more = {};
    await source.skip(Math.ceil(content / block) * block);
  }
}

interface Overrides {
  path?: string;
  target?: string;
  size?: number;
}

function overridesOf(type: string, bytes: Buffer): Overrides {
  const plain = textIn(bytes, 0, bytes.length);
  if (type === 'L') return { path: plain };
  if (type === 'K') return { target: plain };
  const found: Overrides = {};
  for (const [key, value] of recordsOf(bytes)) {
    if (key.startsWith('GNU.sparse.')) throw damaged('a sparse file');
    if (key !== 'path' && key !== 'linkpath' && key !== 'size') continue;
    if (type === 'g') throw damaged(`one ${key} for all entries`);
    if (key === 'path') found.path = value;
    else if (key === 'linkpath') found.target = value;
    else found.size = wholeNumber(/^\d+$/.test(value) ? Number(value) : Number.NaN);
  }
  return found;
}

/** Splits records by their stated lengths, because values may contain newlines. */
function* recordsOf(bytes: Buffer): Generator<[key: string, value: string]> {
  for (let at = 0; at < bytes.length;) {
    const [, digits = '', key = ''] = /^(\d{1,5}) ([^=\n]+)=/.exec(bytes.toString('latin1', at, at + block)) ?? [];
    const end = at + Number(digits);
    const from = at + digits.length + 1 + key.length + 1;
    if (digits === '' || end <= from || bytes[end - 1] !== newline) throw damaged('a malformed pax header');
    yield [key, bytes.toString('utf8', from, end - 1)];
    at = end;
  }
}

const newline = 10;

function entryOf(header: Buffer, type: string, sizeBytes: number, more: Overrides): TarEntry {
  // GNU's older format, "ustar  ", has times there.
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textIn(header, 345, 155) : '';
  const name = textIn(header, 0, 100);
  const path = more.path ?? (prefix === '' ? name : `${prefix}/${name}`);
  const file = path.endsWith('/') ? 'folder' : 'file';
  const kinds: Readonly<Record<string, TarEntry['kind']>> = {
    '0': file,
    '\0': file,
    '1': 'hard-link',
    '2': 'symbolic-link',
    '5': 'folder',
    '7': file,
  };
  const kind = kinds[type] ?? 'other';
  const isLink = kind === 'hard-link' || kind === 'symbolic-link';
  const mode = Number.parseInt(textIn(header, 100, 8).trim(), 8) || 0;
  return { path, kind, sizeBytes, mode, ...(isLink && { target: more.target ?? textIn(header, 157, 100) }) };
}

const textIn = (header: Buffer, at: number, length: number) => {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
};

const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);

function sizeIn(header: Buffer): number {
  // GNU: a first byte of 0x80 marks a binary number.
  if (header[124] === 0x80) return wholeNumber(Number(header.readBigUInt64BE(128)));
  const text = textIn(header, 124, 12).trim();
  if (!/^[0-7]*$/.test(text)) throw damaged('a size that is not a number');
  return wholeNumber(Number.parseInt(text || '0', 8));
}

function requireChecksum(header: Buffer): void {
  const stated = Number.parseInt(textIn(header, 148, 8).trim(), 8);
  let sum = 0;
  for (let at = 0; at < block; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  if (sum !== stated) throw damaged('a header with a wrong checksum');
}

function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw damaged('a size that is not a number');
  return value;
}

const damaged = (what: string) =>
  new AppError('archive-refused', `the archive is not a plain tar archive: it has ${what}`);

function byteSource(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const next = async (): Promise<boolean> => {
    const { done, value } = await iterator.next();
    if (done === true) return false;
    rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value]);
    return true;
  };
  return {
    /** @returns fewer bytes only at the end of the stream */
    async take(length: number): Promise<Buffer> {
      while (rest.length < length) if (!(await next())) break;
      const taken = rest.subarray(0, length);
      rest = rest.subarray(taken.length);
      return taken;
    },
    /** Some programs read on after the end. @throws AppError archive-refused for contents there */
    async requireZeros(): Promise<void> {
      do {
        if (!isZero(rest)) throw damaged('contents after its end');
        rest = Buffer.alloc(0);
      } while (await next());
    },
    /** @throws AppError archive-refused if the archive ends before */
    async skip(length: number): Promise<void> {
      for (let left = length; left > 0;) {
        if (rest.length === 0 && !(await next())) throw damaged('fewer bytes than stated');
        const passed = Math.min(left, rest.length);
        rest = rest.subarray(passed);
        left -= passed;
      }
    },
  };
}
