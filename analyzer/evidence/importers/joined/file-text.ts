// Decompresses and decodes a file of bounded size, by its first bytes.

import { gunzipSync } from 'node:zlib';
import { AppError } from '../../../../core/errors.ts';

/** A day of `sadf -j -- -A` at one second of a machine with 16 cores is less; so is any result of a load test. */
export const largestText = 128 * 2 ** 20;

/** @throws AppError load-test-unreadable for binary data */
export function textOf(name: string, bytes: Uint8Array): string {
  const content = startsWith(bytes, [0x1f, 0x8b]) ? decompressed(name, bytes) : bytes;
  if (content.length > largestText)
    throw refused(name, `it is larger than ${largestText} bytes`, 'cut it to the time of the test');
  if (startsWith(content, [0xff, 0xfe])) return decoded(name, content, 'utf-16le');
  if (startsWith(content, [0xfe, 0xff])) return decoded(name, content, 'utf-16be');
  const packed = packers.find(({ magic }) => startsWith(content, magic));
  if (packed) throw refused(name, `it is packed by ${packed.name}`, 'unpack it first');
  if (content.includes(0)) {
    throw refused(
      name,
      'it is binary',
      'convert a recording of sar with `sadf -j FILE -- -A`; give logs as text in UTF-8',
    );
  }
  const text = decoded(name, content, 'utf-8');
  if (text.trim() === '') throw refused(name, 'it is empty');
  return text;
}

const packers = [
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
] as const;

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, place) => bytes[place] === byte);
}

function decompressed(name: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestText });
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw refused(
      name,
      isLarge
        ? `unpacked it is larger than ${largestText} bytes`
        : `it is not a complete gzip file: ${(cause as Error).message}`,
      isLarge ? 'cut it to the time of the test' : 'copy it again',
    );
  }
}

/** A byte that is no UTF-8 becomes a mark; figures are digits in every encoding that is like ASCII. */
function decoded(name: string, bytes: Uint8Array, encoding: string): string {
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\0')) throw refused(name, `it is not text in ${encoding}`, 'give it as text in UTF-8');
  return text;
}

function refused(name: string, why: string, hint?: string): AppError {
  return new AppError('load-test-unreadable', `cannot read ${name}: ${why}`, hint === undefined ? {} : { hint });
}
